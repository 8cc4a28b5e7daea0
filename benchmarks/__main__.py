"""Runs every benchmark with its own defaults, one after the other: ``make bench``. Ends with 1 when one failed."""

from __future__ import annotations

import subprocess
import sys

ALL = (
    "imports",
    "hooks",
    "callbacks",
    "ingest",
    "hub",
    "real_calls",
    "page",
    "cost",
    "asking",
    "rollups",
    "routing_decision",
    "users",
    "alerts",
    "forecast",
    "gateway",
)


def main() -> int:
    """Run them in processes of their own, so that none inherits what another loaded."""
    failed = []
    for name in ALL:
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed, or missed a target: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
