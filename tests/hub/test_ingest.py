"""LiteLLM's own generic_api callback, in an application with no code of ours, sends to a real hub."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.hub.running import eventually, in_lake, lake_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.demo.providers.process import FakeProviders
    from scalix.folder import Folder
    from tests.hub.running import HubProcess

TOKEN = "token-of-the-hub"
CALLS = 60
APPLICATION = """
import asyncio, sys
import litellm
from litellm.integrations.generic_api.generic_api_callback import GenericAPILogger

async def main(base, calls):
    logger = GenericAPILogger()
    litellm.callbacks = [logger]
    asked = [
        litellm.acompletion(
            model="openai/gpt-4o-mini", api_base=base, api_key="sk-never-to-be-seen", max_retries=0,
            messages=[{"role": "user", "content": "hello"}], metadata={"tags": ["no-code-of-ours"]},
        )
        for _ in range(calls)
    ]
    await asyncio.gather(*asked, return_exceptions=True)
    while len(logger.log_queue) < calls:
        await asyncio.sleep(0.05)
    await logger.async_send_batch()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def test_a_batch_of_the_callback_arrives_whole(
    folder: Folder, new_hub: Callable[..., HubProcess], providers: FakeProviders
) -> None:
    address = new_hub(SCALIX_INGEST_TOKEN=TOKEN).start()
    name = "openai-generic-api"
    providers.control(name, faults=("429", "500"))

    subprocess.run(
        [sys.executable, "-c", APPLICATION, providers.api_base(name), str(CALLS)],
        env={
            **os.environ,
            "GENERIC_LOGGER_ENDPOINT": f"{address.url}/v1/ingest/litellm",
            "GENERIC_LOGGER_HEADERS": f"Authorization=Bearer {TOKEN}",
            # What LiteLLM logs while it sends a batch is lost, so all of it is one batch.
            "DEFAULT_FLUSH_INTERVAL_SECONDS": "3600",
        },
        check=True,
        timeout=120,
        capture_output=True,
    )
    eventually(lambda: lake_count(folder) == CALLS)

    asked = providers.requests(name)
    assert len(asked) == CALLS
    answered = [request for request in asked if request.status == 200]
    statuses = in_lake(folder, "SELECT status, count(*) FROM attempts GROUP BY status ORDER BY status")
    assert statuses == [("failure", CALLS - len(answered)), ("success", len(answered))]
    (billed,) = in_lake(folder, "SELECT sum(total_tokens), count(cost_usd) FROM attempts WHERE status = 'success'")
    assert billed == (sum(request.tokens.all_input + request.tokens.all_output for request in answered), len(answered))
    labels = in_lake(folder, "SELECT DISTINCT flags, tags FROM attempts")
    assert labels == [(["best_effort"], ["no-code-of-ours"])]
    spool = b"".join(path.read_bytes() for path in folder.spool.glob("*.seg"))
    assert spool
    assert b"sk-never" not in spool
    assert b"hello" not in spool
