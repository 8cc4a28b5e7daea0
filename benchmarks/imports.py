"""How long it takes to import what lives in other people's processes, each time in a fresh one.

Timed inside the child, so the start of the interpreter is not part of it. Nothing is measured that the child did
not confirm: it prints what it imported, and LiteLLM must not be among it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys

TARGET_MS = 150
IMPORTS = {
    "collector": "import collector",
    "collector's recorder": "import collector.recorder",
    "scalix": "import scalix",
}
_CHILD = """
import sys, time
before = time.perf_counter()
{statement}
spent = time.perf_counter() - before
import json
print(json.dumps([spent * 1000, sorted(sys.modules)]))
"""
_FORBIDDEN = ("litellm", "duckdb", "polars", "pyarrow", "streamlit", "pydantic", "sqlalchemy", "httpx", "apscheduler")


def _once(statement: str) -> float:
    child = subprocess.run(
        [sys.executable, "-c", _CHILD.format(statement=statement)], capture_output=True, check=True, text=True
    )
    spent, modules = json.loads(child.stdout)
    loaded = [name for name in _FORBIDDEN if name in modules]
    if loaded:
        raise AssertionError(f"{statement} loads {', '.join(loaded)}")
    return float(spent)


def main() -> int:
    """Print the table; 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    for statement in IMPORTS.values():
        _once(statement)  # the first run compiles to bytecode
    figures = {name: [_once(statement) for _ in range(rounds)] for name, statement in IMPORTS.items()}
    print(f"{'import of':22} {'ms, median':>12} {'largest':>10}")
    for name, values in figures.items():
        print(f"{name:22} {statistics.median(values):12.1f} {max(values):10.1f}")
    print(f"target: every median under {TARGET_MS} ms")
    return 0 if all(statistics.median(values) < TARGET_MS for values in figures.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
