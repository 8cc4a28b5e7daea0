"""Questions of this machine's commands to the hub that runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import httpx

if TYPE_CHECKING:
    from scalix.hub.address import HubAddress


def asked(address: HubAddress, path: str, *, method: Literal["GET", "POST"] = "GET", timeout_s: float) -> bytes:
    """The body of its answer. Raises httpx.HTTPError when it does not answer, or not well."""
    headers = {"Authorization": f"Bearer {address.token}"}
    answer = httpx.request(method, f"{address.url}{path}", headers=headers, timeout=timeout_s, trust_env=False)
    answer.raise_for_status()
    return answer.content
