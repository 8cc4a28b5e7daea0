"""``python -m scalix.gateway.worker``: one process of the gateway, LiteLLM Proxy behind our door."""

from __future__ import annotations

import argparse
import os
import socket
import sys

from scalix.parts import put_parts_first


def main() -> None:
    """Serve on the socket that the supervisor has bound, until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--owner", required=True)
    parser.add_argument("--beside", required=True)
    options = parser.parse_args()
    put_parts_first()
    # Callbacks of your own lie beside your configuration, which LiteLLM reads from another place.
    sys.path.append(options.beside)
    os.umask(0o077)
    from scalix.gateway.process import serve  # noqa: PLC0415 - only once our parts are the first to be found

    with socket.socket(fileno=options.socket) as bound:
        serve(bound, options.owner)


if __name__ == "__main__":
    main()
