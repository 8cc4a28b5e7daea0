"""How fast does ingest catch up, how large does the ledger grow, and is every event in it?

    python benchmarks/ingest.py --events 1000000 [--prefilled 10000000] [--folder DIR]

Writes a spool as collectors do (opened, answered or streamed, success per call; 30 % streams), ingests it, checks
counts and sums, and compares with one INSERT per event row.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import string
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.intake.ingest import ingest_once
from analytics.pricing.refresh import refresh
from scalix.events import AttemptEvent, ProcessEvent, to_line
from scalix.folder import Folder
from scalix.store.ledger import Ledger, frame_of
from scalix.times import now

if TYPE_CHECKING:
    from collections.abc import Iterator

START_US = 1_795_382_776_000_000
MODELS = (
    ("openai", "gpt-4o-mini", 150_000, 600_000, "https://api.openai.com/v1"),
    ("anthropic", "claude-sonnet-4", 3_000_000, 15_000_000, "https://api.anthropic.com"),
    ("gemini", "gemini-2.0-flash", 100_000, 400_000, "https://generativelanguage.googleapis.com"),
)
NAIVE_ROWS = 1000
LETTERS = string.ascii_letters + string.digits


def main() -> int:
    """Run with the arguments of the command line; 1 when an answer is wrong."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=300_000)
    arguments.add_argument("--prefilled", type=int, default=0, help="attempts the ledger holds before")
    arguments.add_argument("--folder", type=Path, help="where to work; a temporary folder by default")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        return run(Folder(Path(name)), chosen.events // 3, chosen.prefilled)


def run(folder: Folder, attempts: int, prefilled: int) -> int:
    spool_bytes, expected_pusd = write_spool(folder, attempts)
    ledger = Ledger.open(folder)
    # Every row is priced by the book as it is written, so the book must hold what a hub's would.
    refresh(ledger, now())
    if prefilled:
        prefill(ledger, prefilled)
    started, cpu, events, lag = time.perf_counter(), time.process_time(), 0, 1
    while lag:
        report = ingest_once(ledger, folder, now_us=START_US + 10**12)
        events, lag = events + report.events, report.lag_bytes
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    naive = row_by_row(ledger, NAIVE_ROWS)
    ((rows, ids, cost),) = ledger.read(
        "SELECT count(*), count(DISTINCT call_id), sum(litellm_cost_usd) FROM attempts WHERE process_id = 'bench'"
    ).rows()
    with ledger.cursor() as cursor:
        cursor.execute("CHECKPOINT").fetchall()
    used = ledger.read("SELECT used_blocks * block_size FROM pragma_database_size()").item()
    ledger.close()
    right = rows == ids == attempts and int(cost * 10**12) == expected_pusd
    for label, value in (
        ("events", f"{events:,}"),
        ("spool bytes per event", f"{spool_bytes / events:.0f}"),
        ("events per second", f"{events / wall:,.0f}"),
        ("CPU microseconds per event", f"{cpu / events * 1e6:.1f}"),
        ("times one INSERT per row", f"{events / wall / naive:,.0f} ({naive:,.0f} rows/s)"),
        ("ledger bytes per attempt", f"{used / (rows + prefilled + NAIVE_ROWS):.1f}"),
        ("largest resident set, MiB", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}"),
        ("counts and sums", "right" if right else f"WRONG: {rows} rows, {ids} ids, {cost} USD"),
    ):
        print(f"{label:28} {value}")
    return 0 if right else 1


def write_spool(folder: Folder, attempts: int) -> tuple[int, int]:
    """Segments of 64 MiB; returns their bytes and the cost of all attempts in picodollars."""
    chance = random.Random(1)
    folder.spool.mkdir(parents=True)
    total = spent = 0
    events = bench_events(chance, attempts)
    for number in range(10_000):
        path = folder.spool / f"bench-boot-{number:04}.seg"
        with path.open("wb", buffering=1 << 20) as segment:
            segment.write(to_line(header(number)))
            while segment.tell() < 64 << 20:
                event = next(events, None)
                if event is None:
                    return total + segment.tell(), spent
                segment.write(to_line(event))
                spent += event.litellm_cost_pusd or 0
            total += segment.tell()
    raise SystemExit("too many events for one spool")


def header(number: int) -> ProcessEvent:
    return ProcessEvent(
        at_us=START_US + number,
        process_id="bench",
        host="h",
        pid=1,
        boot_id="b",
        collector_version="0",
        python_version="3",
    )


def bench_events(chance: random.Random, attempts: int) -> Iterator[AttemptEvent]:
    for number in range(attempts):
        yield from call(chance, START_US + number * 2000 + chance.randrange(2000))


def call(chance: random.Random, started: int) -> Iterator[AttemptEvent]:
    """One successful call as its hooks report it, with random ids."""
    provider, model, input_price, output_price, base = chance.choices(MODELS, (6, 3, 1))[0]
    key: dict[str, Any] = {"call_id": random_uuid(chance), "started_us": started}
    trace, took, streaming = random_uuid(chance), chance.randrange(200_000, 4_000_000), chance.random() < 0.3
    prompt, output = chance.randrange(50, 4000), chance.randrange(1, 800)
    cached = min(prompt, chance.choice((0, 0, 0, 64 * chance.randrange(1, 30))))
    tokens: dict[str, Any] = {"input_tokens": prompt - cached, "cache_read_tokens": cached, "output_tokens": output}
    cost = input_price * (prompt - cached) + input_price // 2 * cached + output_price * output
    asked: dict[str, Any] = {
        "provider": provider,
        "model": model,
        "model_group": "chat",
        "api_base": base,
        "streaming": streaming,
    }
    asked |= {"trace_id": trace, "call_type": "acompletion", "deployment_id": f"{provider}-1", "upstream": True}
    yield AttemptEvent(kind="opened", at_us=started + 40, mono_us=started, output_tokens_high=1000, **asked, **key)
    end: dict[str, Any] = {"at_us": started + took, "mono_us": started + took}
    response = "chatcmpl-" + "".join(chance.choices(LETTERS, k=29))
    if streaming:
        yield AttemptEvent(kind="streamed", first_token_us=started + took // 4, **end, **key)
    else:
        yield AttemptEvent(kind="answered", response_id=response, tokens_source="reported", **tokens, **end, **key)
    yield AttemptEvent(
        kind="success",
        at_us=started + took + 3000,
        response_id=response,
        first_token_us=started + took // 4 if streaming else None,
        ended_us=started + took + 200,
        tokens_source="reported",
        usage=usage(prompt, output, cached),
        litellm_cost_pusd=cost,
        cost_breakdown=breakdown(input_price * (prompt - cached), input_price // 2 * cached, output_price * output),
        user_id=f"user-{chance.randrange(200)}",
        **asked,
        **tokens,
        **key,
    )


def usage(prompt: int, output: int, cached: int) -> str:
    counts: dict[str, Any] = {"completion_tokens": output, "prompt_tokens": prompt, "total_tokens": prompt + output}
    if cached:
        counts["prompt_tokens_details"] = {"cached_tokens": cached}
    return json.dumps(counts, separators=(",", ":"))


def breakdown(uncached: int, cached: int, output: int) -> str:
    parts = {"input_cost": uncached + cached, "output_cost": output, "total_cost": uncached + cached + output}
    parts |= {"original_cost": parts["total_cost"], "cache_read_cost": cached}
    return json.dumps({name: part / 10**12 for name, part in parts.items() if part}, separators=(",", ":"))


def random_uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def prefill(ledger: Ledger, attempts: int) -> None:
    """Older attempts, so that ingest meets a ledger of some age."""
    with ledger.transaction() as cursor:
        cursor.execute(
            """INSERT INTO attempts BY NAME
            SELECT range + 1 AS seq, make_timestamptz($start - ($n - range) * 1000) AS started_at, uuid() AS call_id,
                uuid() AS trace_id, 'openai' AS provider, 'gpt-4o' AS model, 'success' AS status, true AS final,
                (random() * 4e6)::BIGINT AS latency_us, (random() * 4000)::BIGINT AS input_tokens,
                'chatcmpl-' || left(md5(random()::VARCHAR), 29) AS response_id
            FROM range($n)""",
            {"n": attempts, "start": START_US},
        ).fetchall()


def row_by_row(ledger: Ledger, rows: int) -> float:
    """Rows per second of one INSERT and one commit each, told apart in the result by its process id."""
    sample = first_row(ledger)
    started = time.perf_counter()
    for _ in range(rows):
        with ledger.cursor() as cursor:
            cursor.execute(
                "INSERT INTO attempts (call_id, provider, model, status, process_id) VALUES (?, ?, ?, ?, 'naive')",
                sample,
            ).fetchall()
    return rows / (time.perf_counter() - started)


def first_row(ledger: Ledger) -> list[str]:
    with ledger.cursor() as cursor:
        first = frame_of(cursor, "SELECT call_id, provider, model, status FROM attempts LIMIT 1").row(0)
        return [str(value) for value in first]


if __name__ == "__main__":
    sys.exit(main())
