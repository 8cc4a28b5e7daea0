"""Polls a lake from a process of its own until told to stop; prints what it saw, a JSON list a line.

Usage: python lake_reader.py LAKE_FILE STOP_FILE (session | anew)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

QUERY = """
SELECT coalesce(max(seq), -1), count(*), count(DISTINCT call_id), coalesce(sum(input_tokens), 0)
FROM attempts
"""


def main(lake: str, stop: Path, *, anew: bool) -> None:
    """Ask again and again, through one session or a new one each time."""
    connection = duckdb.connect(lake, read_only=True)
    while not stop.exists():
        if anew:
            connection.close()
            connection = duckdb.connect(lake, read_only=True)
        answer = connection.execute(QUERY).fetchall()[0]
        print(json.dumps([int(figure) for figure in answer]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), anew=sys.argv[3] == "anew")
