"""What one worker is made of: the stores, the till, LiteLLM's application, and the door before it."""

from __future__ import annotations

import gc
import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import litellm
import uvicorn
from litellm.proxy import proxy_server
from typing_extensions import override

from analytics.access.callers import Callers
from analytics.access.pepper import pepper_of
from analytics.access.till import Till
from collector.settings import from_environment
from routing.observed import Observed
from scalix.folder import default_folder
from scalix.gateway.calls import Calls
from scalix.gateway.catalogue import Catalogue
from scalix.gateway.config import MASTER_KEY
from scalix.gateway.desk import Desk
from scalix.gateway.door import Door
from scalix.gateway.endpoints.table import Application
from scalix.gateway.ledger_budgets import LedgerBudgets
from scalix.gateway.proxy import gateway
from scalix.settings import load
from scalix.store.control import ControlStore

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from scalix.snapshot import BudgetLimit

STOP_S = 10


def serve(bound: socket.socket, owner: str) -> None:
    """Serve until SIGTERM. Calls under way have some seconds to end, and what ended is settled."""
    folder = default_folder()
    settings = load(folder)
    observed = Observed(folder.snapshot)

    def limits() -> Sequence[BudgetLimit]:
        observed.look()
        return observed.limits

    with closing(ControlStore.in_folder(folder)) as control, closing(Till(control, owner=owner)) as till:
        calls = gateway.calls = Calls(till)
        pepper = pepper_of(folder)
        desk = Desk(
            control=control,
            pepper=pepper,
            callers=Callers(control, pepper),
            folder=folder,
            master_key=os.environ[MASTER_KEY],
            # As it is before LiteLLM adds the configured models to it, at no cost where it knows of none.
            catalogue=Catalogue(_router, dict(litellm.model_cost)),
            ledger_budgets=LedgerBudgets(limits),
            metadata_keys=frozenset(from_environment().metadata_keys),
        )
        door = Door(proxy_server.app, Application(desk), desk, calls, longest_s=settings.gateway_longest_call_s)
        config = uvicorn.Config(
            door,
            log_level="warning",
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
            backlog=2048,
        )
        _Server(config).run(sockets=[bound])
    gc.unfreeze()


class _Server(uvicorn.Server):
    """One that spares itself looking for garbage among what LiteLLM has loaded: a tenth of the time of its calls."""

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()


def _router() -> Any:
    """LiteLLM's Router, once it has started."""
    return proxy_server.llm_router
