"""The obvious way that Scalix does not take: one INSERT into DuckDB per call, inside the callback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from duckdb import connect
from litellm.integrations.custom_logger import CustomLogger

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = "id VARCHAR, model VARCHAR, started DOUBLE, ended DOUBLE, input INT, output INT, cost DOUBLE"

INSERT = "INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?)"


class InsertLogger(CustomLogger):  # type: ignore[misc]  # LiteLLM is not analysed
    """Writes one row per finished call."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.connection = connect(str(path))
        self.connection.execute(f"CREATE TABLE calls ({COLUMNS})")

    async def async_log_success_event(
        self, kwargs: dict[str, Any], response_obj: object, start_time: object, end_time: object
    ) -> None:
        """Insert the row and wait for the commit."""
        p = kwargs["standard_logging_object"]
        row = (p["id"], p["model"], p["startTime"], p["endTime"], p["prompt_tokens"], p["completion_tokens"])
        self.connection.cursor().execute(INSERT, (*row, p["response_cost"]))
