"""`scalix ship` over real HTTP: what was acknowledged is at the hub once, whatever happens in between."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from scalix.errors import ScalixError, SettingsError
from scalix.folder import Folder
from scalix.ship import NotAcknowledgedError, Shipper, ship_spool
from tests.hub.running import COST_PUSD, SegmentWriter, calls, eventually, in_lake, lake_count, scalix, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.hub.running import HubProcess

TOKEN = "ingest token"
TOTALS = "SELECT count(*), count(DISTINCT call_id), CAST(sum(cost_usd) * 1000000 AS BIGINT) FROM attempts"


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """The spool of the other machine."""
    return Folder(tmp_path / "other-machine").spool


def client(url: str, token: str = TOKEN) -> httpx.Client:
    """As `scalix ship` has one."""
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


def test_a_spool_arrives_once_and_is_then_deleted(
    folder: Folder, spool: Path, new_hub: Callable[..., HubProcess]
) -> None:
    address = new_hub(SCALIX_INGEST_TOKEN=TOKEN).start()
    write_segment(spool, calls(0, 200))
    write_segment(spool, calls(200, 100))

    ship_spool(spool, address.url, TOKEN, once=True, quiet_s=0)

    assert list(spool.glob("*.seg")) == []
    eventually(lambda: lake_count(folder) == 300)
    assert in_lake(folder, TOTALS) == [(300, 300, 300 * COST_PUSD // 10**6)]


def test_sending_again_changes_nothing(folder: Folder, spool: Path, new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub(SCALIX_INGEST_TOKEN=TOKEN).start()
    path = write_segment(spool, calls(0, 20))
    data = path.read_bytes()
    with client(address.url) as http:
        url = f"/v1/ingest/segments/{path.name}"
        for _ in range(2):
            assert http.post(f"{url}?offset=0", content=data[:1000]).json() == {"size": 1000}
        assert http.post(f"{url}?offset=500", content=data[500:2000]).json() == {"size": 2000}
        ahead = http.post(f"{url}?offset=3000", content=data[3000:])
        assert (ahead.status_code, ahead.json()["size"]) == (409, 2000)
        for _ in range(2):
            done = http.post(f"{url}?offset=2000&final=1", content=data[2000:])
            assert done.json() == {"size": len(data)}
        eventually(lambda: lake_count(folder) == 20)
        eventually(lambda: not list(folder.spool.glob("*.seg")))
        assert http.post(f"{url}?offset=0&final=1", content=data).json() == {"size": len(data)}

    assert in_lake(folder, TOTALS) == [(20, 20, 20 * COST_PUSD // 10**6)]


def test_a_segment_still_being_written_is_followed(
    folder: Folder, spool: Path, new_hub: Callable[..., HubProcess]
) -> None:
    address = new_hub(SCALIX_INGEST_TOKEN=TOKEN).start()
    writer = SegmentWriter(spool)
    with client(address.url) as http:
        shipper = Shipper(spool, http, quiet_s=0)
        for batch in range(3):
            writer.write(calls(batch * 10, 10))
            shipper.step()
        assert writer.path.exists()
        eventually(lambda: lake_count(folder) == 30)
        writer.close()
        shipper.step()

    assert not writer.path.exists()


def test_a_hub_restarted_in_between_goes_on_where_it_was(
    folder: Folder, spool: Path, new_hub: Callable[..., HubProcess]
) -> None:
    hub = new_hub(SCALIX_INGEST_TOKEN=TOKEN)
    url = hub.start().url
    writer = SegmentWriter(spool)
    writer.write(calls(0, 10))
    with client(url) as http:
        shipper = Shipper(spool, http, quiet_s=0)
        shipper.step()
        hub.stop()
        writer.write(calls(10, 10))
        with pytest.raises(NotAcknowledgedError):
            shipper.step()
    assert writer.path.exists()

    url = hub.start().url
    with client(url) as http:
        # A sender that starts anew knows nothing of what was acknowledged.
        shipper = Shipper(spool, http, quiet_s=0)
        shipper.step()
        writer.close()
        shipper.step()

    eventually(lambda: lake_count(folder) == 20)
    assert in_lake(folder, TOTALS) == [(20, 20, 20 * COST_PUSD // 10**6)]
    assert not writer.path.exists()


def test_it_waits_for_a_hub_that_is_not_there_yet(
    folder: Folder, spool: Path, new_hub: Callable[..., HubProcess]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    write_segment(spool, calls(0, 5))
    sender = threading.Thread(
        target=ship_spool, args=(spool, f"http://127.0.0.1:{port}", TOKEN), kwargs={"once": True, "quiet_s": 0}
    )
    sender.start()

    new_hub(SCALIX_INGEST_TOKEN=TOKEN).start(port=port)

    sender.join(timeout=60)
    assert not sender.is_alive()
    eventually(lambda: lake_count(folder) == 5)


def test_other_names_are_refused(folder: Folder, new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub(SCALIX_INGEST_TOKEN=TOKEN).start()
    names = ["..seg", ".hidden.seg", "a.txt", "a%2Fb.seg", "%2e%2e%2fa.seg", "a%20b.seg", "a.seg.tmp", "a" * 300]

    with client(address.url) as http:
        answers = {name: http.post(f"/v1/ingest/segments/{name}?offset=0", content=b"x") for name in names}

    assert {name for name, answer in answers.items() if answer.status_code not in {400, 404, 405, 422}} == set()
    assert list(folder.spool.iterdir()) == []


def test_too_much_and_wrong_offsets_are_refused(new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub(SCALIX_INGEST_TOKEN=TOKEN, SCALIX_SHIP_MAX_BYTES="2048").start()
    url = "/v1/ingest/segments/a.seg"

    with client(address.url) as http:
        assert http.post(f"{url}?offset=0", content=b"x" * 4096).status_code == 413
        for offset in ("-1", "x", "", "9" * 20):
            assert http.post(f"{url}?offset={offset}", content=b"x").status_code == 400


def test_a_wrong_token_ends_the_sender(spool: Path, new_hub: Callable[..., HubProcess]) -> None:
    address = new_hub(SCALIX_INGEST_TOKEN=TOKEN).start()
    path = write_segment(spool, calls(0, 1))

    with pytest.raises(ScalixError, match="token"):
        ship_spool(spool, address.url, "another")

    ended = scalix("ship", "--to", address.url, "--token", "x", "--folder", str(spool.parent), "--once")
    assert ended.returncode == 1
    assert path.exists()


@pytest.mark.parametrize("url", ["nonsense", "hub:8501", "ftp://hub", "http://", "//hub", "http://hub:port", ""])
def test_what_is_no_address_is_refused_and_not_tried_again(spool: Path, url: str) -> None:
    write_segment(spool, calls(0, 1))
    with pytest.raises(SettingsError, match="is no address"):
        ship_spool(spool, url, TOKEN, once=True)
