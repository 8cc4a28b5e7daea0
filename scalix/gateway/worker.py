"""``python -m scalix.gateway.worker``: loads LiteLLM, and forks a process of the gateway for each that is asked for."""

from __future__ import annotations

import argparse
import os
import socket
import sys

from scalix.parts import put_parts_first


def main() -> None:
    """Fork as the supervisor says; each worker serves on the socket that it has bound, until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--beside", required=True)
    options = parser.parse_args()
    put_parts_first()
    # Callbacks of your own lie beside your configuration, which LiteLLM reads from another place.
    sys.path.append(options.beside)
    os.umask(0o077)
    from scalix.gateway.forking import forked  # noqa: PLC0415 - only once our parts are the first to be found
    from scalix.gateway.process import serve  # noqa: PLC0415

    with socket.socket(fileno=options.socket) as bound:
        owner = forked(socket.socket(fileno=options.control))
        if owner is not None:
            serve(bound, owner)


if __name__ == "__main__":
    main()
