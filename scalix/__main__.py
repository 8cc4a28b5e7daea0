"""Entry point of the console script: checks that the hub's packages are there, then hands over to the command line."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from scalix.parts import put_parts_first

NEEDED = ("typer", "duckdb", "polars", "streamlit", "apscheduler", "pydantic_settings", "sqlalchemy", "httpx")
INSTALL = "pip install 'scalix[hub]'"


def main() -> None:
    """Run `scalix`. Without the hub's packages it says how to get them and exits with 2."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        sys.stderr.write(f"scalix: this command needs the hub's packages ({', '.join(missing)} not found):\n")
        sys.stderr.write(f"  {INSTALL}\n")
        sys.exit(2)
    put_parts_first()
    from scalix.cli.app import main as run  # noqa: PLC0415 - only once its packages are known to be there

    run()


if __name__ == "__main__":
    main()
