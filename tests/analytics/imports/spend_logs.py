"""Rows of LiteLLM_SpendLogs as a database exports them, made from their number alone."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, tzinfo=UTC)
SPREAD_S = 7 * 86400
COLUMNS = (
    "request_id", "call_type", "api_key", "spend", "total_tokens", "prompt_tokens", "completion_tokens", "startTime",
    "endTime", "completionStartTime", "model", "model_id", "model_group", "custom_llm_provider", "api_base", "user",
    "metadata", "cache_hit", "cache_key", "request_tags", "team_id", "end_user", "messages", "response", "session_id",
    "status", "litellm_call_id",
)  # fmt: skip
SECRET = "tell nobody"


def spend_log(number: int, *, of: int = 1000) -> dict[str, Any]:
    """One row; every tenth failed, every seventh came out of a cache, every fourth was streamed."""
    started = START + timedelta(seconds=SPREAD_S * number / of)
    ended = started + timedelta(milliseconds=400 + number % 900)
    failed, cached = number % 10 == 3, number % 7 == 5
    usage = {
        "prompt_tokens": 100 + number % 50,
        "completion_tokens": 20,
        "total_tokens": 120 + number % 50,
        "prompt_tokens_details": {"cached_tokens": 40},
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    metadata: dict[str, Any] = {"user_api_key_alias": "prod", "user_api_key_team_alias": "search"}
    if failed:
        metadata |= {"status": "failure", "error_information": {"error_class": "RateLimitError", "error_code": "429"}}
    else:
        metadata["usage_object"] = usage
    return {
        "request_id": f"chatcmpl-{number:09d}",
        "call_type": "acompletion",
        "api_key": "0f" * 32,
        "spend": "0" if failed or cached else f"{2.4e-05 + number % 50 * 1.5e-07:.10f}",
        "total_tokens": 0 if failed else usage["total_tokens"],
        "prompt_tokens": 0 if failed else usage["prompt_tokens"],
        "completion_tokens": 0 if failed else 20,
        "startTime": started.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "endTime": ended.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "completionStartTime": (ended - timedelta(milliseconds=300 if number % 4 == 0 else 0)).strftime(
            "%Y-%m-%d %H:%M:%S.%f"
        )[:-3],
        "model": "gpt-4o-mini",
        "model_id": "dep-A",
        "model_group": "chat",
        "custom_llm_provider": "openai",
        "api_base": "https://api.openai.com/v1",
        "user": "u-1",
        "metadata": json.dumps(metadata),
        "cache_hit": str(cached),
        "cache_key": "Cache OFF",
        "request_tags": json.dumps(["env:prod", "User-Agent: curl"]),
        "team_id": "t-1",
        "end_user": f"customer-{number % 5}",
        "messages": json.dumps([{"role": "user", "content": SECRET}]),
        "response": "{}",
        "session_id": f"s-{number // 3}",
        "status": "failure" if failed else "success",
        "litellm_call_id": f"call-{number:09d}",
    }


def write_csv(path: Path, numbers: range, *, bad: tuple[dict[str, Any], ...] = ()) -> Path:
    """An export as ``COPY … TO … CSV HEADER`` writes it."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number in numbers:
            writer.writerow(spend_log(number, of=len(numbers)))
        writer.writerows({**spend_log(0), **fields} for fields in bad)
    return path
