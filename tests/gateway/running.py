"""A real gateway in processes of its own, before the providers of the tests."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from analytics.access import issuing, keys
from analytics.access import limits as limits_
from analytics.access.limits import Limits
from analytics.access.pepper import pepper_of
from scalix.store.control import ControlStore
from tests.collector.conftest import PYTHON, environment, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analytics.access.keys import Key
    from scalix.folder import Folder

HTTP = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0), timeout=60)
"""A connection for each request, so that any worker may get it; a client for each would load certificates each time."""
MASTER = "sk-master-0123456789abcdef0123456789abcdef"
MESSAGES: Any = [{"role": "user", "content": "hi"}]
PRICE = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
USD = 10**12
START_S = 400
QUICK = {
    "SCALIX_INGEST_INTERVAL_S": "0.5",
    "SCALIX_LAKE_TAIL_S": "1",
    "SCALIX_LAKE_PART_S": "10",
}
"""With these the hub shows soon what was called, and leaves the machine to the gateway."""


@dataclass
class Gateway:
    """A running gateway and its folder."""

    base: str
    folder: Folder
    control: ControlStore
    process: subprocess.Popen[bytes]
    made: list[str] = field(default_factory=list)
    """Every key that was made here."""

    def key(self, budget: float | None = None, **options: Any) -> str:
        """A new key; what is no limit goes to `mint`."""
        names = set(Limits.__struct_fields__)
        given = {name: options.pop(name) for name in list(options) if name in names}
        if budget is not None:
            given["budget_pusd"] = round(budget * USD)
        key, _ = issuing.mint(
            self.control, pepper_of(self.folder), by="test", limits=limits_.checked(Limits(**given)), **options
        )
        self.made.append(key)
        return key

    def post(self, key: str, path: str = "/v1/chat/completions", **body: Any) -> httpx.Response:
        """A call, by default a short chat."""
        return self.ask(key, "POST", path, **{"model": "chat", "messages": MESSAGES, "max_tokens": 50, **body})

    def ask(self, token: str, method: str, path: str, **body: Any) -> httpx.Response:
        """A request with this key."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return HTTP.request(method, self.base + path, json=body or None, headers=headers)

    def state(self, key: str) -> Key:
        """How a key stands."""
        return keys.named(self.control, key)

    def settled(self, key: str) -> Key:
        """How a key stands once nothing is reserved for it any more."""
        until(lambda: self.state(key).account.reserved_usd == 0 and self.state(key).account.calls == 0, 30)
        return self.state(key)

    def log(self) -> str:
        """All that its processes have printed."""
        return (self.folder.root / "log").read_text(errors="replace")


def deployment(name: str, base: str, **params: Any) -> dict[str, Any]:
    """One entry of a model list, its id made of its name and the provider's behaviour."""
    behaviour = base.split("/")[3]
    given = {"model": "openai/house-model", "api_base": base, "api_key": "sk-upstream-0123456789", **params}
    return {"model_name": name, "model_info": {"id": f"dep-{name}-{behaviour}"}, "litellm_params": given}


@contextmanager
def running(
    folder: Folder, config: dict[str, Any], *options: str, variables: dict[str, str] | None = None
) -> Iterator[Gateway]:
    """A hub and a gateway with this configuration, ready, until the block ends."""
    (folder.root / "config.yaml").write_text(json.dumps(config))
    log = folder.root / "log"
    command = [PYTHON, "-m", "scalix", "up", "--port", "0", "--gateway-port", "0", *options]
    beside = ["--gateway", str(folder.root / "config.yaml"), "--folder", str(folder.root)]
    made = {**QUICK, "LITELLM_MASTER_KEY": MASTER, "PYTHONUNBUFFERED": "1", **(variables or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *beside],
            env=environment(folder.spool, **made),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        until(lambda: process.poll() is not None or _ready(_base(log)), START_S)
        assert process.poll() is None, log.read_text()[-3000:]
        with closing(ControlStore.in_folder(folder)) as control:
            yield Gateway(_base(log), folder, control, process)
    finally:
        base = _base(log)
        process.terminate()
        process.wait(60)
        assert not _ready(base), "a worker outlives the gateway"


def _base(log: Any) -> str:
    found = re.search(r"listens at (http://\S+);", log.read_text())
    return found[1] if found else ""


def _ready(base: str) -> bool:
    try:
        return bool(base) and HTTP.get(f"{base}/health/readiness", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
