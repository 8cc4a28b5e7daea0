"""``python -m scalix.demo.providers --folder LOGS``: serve all fake providers on one port.

Prints its URL as the only line on standard output and ends when its standard input is closed, so it never
outlives whoever started it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from scalix.demo.providers.app import Providers
from scalix.demo.providers.profiles import PROFILES
from scalix.demo.providers.server import Connection


async def serve(providers: Providers, port: int) -> None:
    """Serves until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(providers.serve), "127.0.0.1", port, backlog=1024)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="scalix.demo.providers", description="Fake LLM providers over HTTP.")
    parser.add_argument("--folder", type=Path, required=True, help="where each provider keeps its log")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="instant")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    providers = Providers(options.folder, seed=options.seed, profile=PROFILES[options.profile])
    asyncio.run(serve(providers, options.port))


if __name__ == "__main__":
    main()
