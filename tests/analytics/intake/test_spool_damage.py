"""Whatever happened to a segment, the lines that are whole are read, and the others are kept with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from analytics.intake import archive
from analytics.intake.options import IngestOptions
from scalix.events import to_line
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.spool_files import LATER_US, call_id, event, header, held, lines, rows, take_in, whole_attempt, write_segment

if TYPE_CHECKING:
    from pathlib import Path


def line_of(payload: bytes) -> bytes:
    """A line whose checksum is right, whatever it says."""
    return b"1 %08x %b\n" % (crc32(payload), payload)


def quarantined(ledger: Ledger) -> list[str]:
    return [reason for (reason,) in rows(ledger, "reason", table="quarantine")]


def recorded(ledger: Ledger) -> set[str]:
    return {str(one) for (one,) in rows(ledger, "call_id")}


def test_a_segment_cut_at_each_byte_of_its_last_line_loses_that_line_alone(tmp_path: Path) -> None:
    first, last = to_line(event("success", 1)), to_line(event("success", 2))
    ledger = Ledger.open(Folder(tmp_path / "home"))
    for cut in range(len(last)):
        write_segment(ledger.folder.spool, lines([]) + first + last[:cut], f"cut-{cut}.seg")
    take_in(ledger)
    found, reasons = recorded(ledger), quarantined(ledger)
    ledger.close()

    # Without its newline alone, the last line is whole.
    assert found == {call_id(1), call_id(2)}
    assert len(reasons) == len(last) - 2


def test_a_torn_line_of_a_living_writer_is_waited_for(ledger: Ledger) -> None:
    whole = lines([event("success", 1), event("success", 2)])
    path = write_segment(ledger.folder.spool, whole[:-9])
    with held(path):
        take_in(ledger)
        assert recorded(ledger) == {call_id(1)}
        write_segment(ledger.folder.spool, whole)
        take_in(ledger)

    assert recorded(ledger) == {call_id(1), call_id(2)}
    assert quarantined(ledger) == []


def test_a_flipped_bit_anywhere_takes_one_line(tmp_path: Path) -> None:
    neighbours, target = [to_line(event("success", number)) for number in (1, 3)], to_line(event("success", 2))
    ledger = Ledger.open(Folder(tmp_path / "home"))
    flips = [place for place in range(0, len(target) - 1, 7) if target[place] ^ 1 != ord("\n")]
    for place in flips:
        broken = bytearray(target)
        broken[place] ^= 1
        content = lines([]) + neighbours[0] + bytes(broken) + neighbours[1]
        write_segment(ledger.folder.spool, content, f"flip-{place}.seg")
    take_in(ledger)
    found, reasons = recorded(ledger), quarantined(ledger)
    ledger.close()

    assert found == {call_id(1), call_id(3)}
    assert len(reasons) == len(flips)


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (b"\0" * 5000, "zeros"),
        (b"garbage", "no version"),
        (b"7 00000000 {}\n", "unknown version"),
        (b"1 zzzzzzzz {}\n", "no checksum"),
        (b"1 00000000 {}\n", "checksum differs"),
        (line_of(b'{"kind":"opened"}'), "Object missing required field `call_id`"),
        (line_of(b"not json"), "JSON is malformed"),
        (line_of(b"[1]"), "Expected `object`"),
        (line_of(b"   "), "Input data was truncated"),
        (line_of(b'{"kind":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "Expected `str`"),
        (line_of(b'{"kind":"opened","new":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "recursion"),
        (line_of(b'{"kind":"loss","at_us":"soon","process_id":"p"}'), "Expected `int`"),
        (line_of(b'{"kind":"process","at_us":NaN,"process_id":"p"}'), "malformed"),
    ],
)
def test_bad_lines_are_kept_with_the_reason(ledger: Ledger, tail: bytes, reason: str) -> None:
    write_segment(ledger.folder.spool, lines([event("success")]) + tail)
    take_in(ledger)

    assert recorded(ledger) == {call_id(1)}
    (found,) = quarantined(ledger)
    assert reason in found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", '"guess"'),
        ("started_us", '"1795382777000000"'),
        ("started_us", "1795382777000000.5"),
        ("started_us", "1" + "0" * 400),
        ("started_us", "9223372036854775808"),
        ("at_us", "-1"),
        ("input_tokens", "NaN"),
        ("input_tokens", '"many"'),
        ("streaming", '"yes"'),
        ("tags", '"one"'),
        ("model", '"\\ud800"'),
        ("model", '"\\udc00 \\ud800"'),
        ("call_id", "null"),
    ],
)
def test_a_poisonous_value_stops_nothing_but_its_line(ledger: Ledger, field: str, value: str) -> None:
    fields = json.loads(to_line(event("success", 50))[11:]) | {field: "POISON"}
    poison = line_of(json.dumps(fields).replace('"POISON"', value).encode())
    good = [to_line(one) for number in range(1, 40) for one in whole_attempt(number)]
    write_segment(ledger.folder.spool, lines([]) + b"".join(good[:60]) + poison + b"".join(good[60:]))
    report = take_in(ledger)

    assert recorded(ledger) == {call_id(number) for number in range(1, 40)}
    assert report.quarantined == len(quarantined(ledger)) == 1


def test_invalid_utf8_stops_nothing_but_its_line(ledger: Ledger) -> None:
    poison = line_of(to_line(event("success", 2, model="gpt"))[11:-1].replace(b"gpt", b"g\xffp"))
    write_segment(ledger.folder.spool, lines([event("success", 1)]) + poison)
    take_in(ledger)

    assert recorded(ledger) == {call_id(1)}
    assert len(quarantined(ledger)) == 1


def test_a_line_beyond_the_limit_is_refused_and_cut(ledger: Ledger) -> None:
    content = lines([event("success", 1), event("success", 2, prompt="x" * 5_000_000), event("success", 3)])
    write_segment(ledger.folder.spool, content)
    take_in(ledger)

    assert recorded(ledger) == {call_id(1), call_id(3)}
    assert rows(ledger, "reason", "octet_length(line)", table="quarantine") == [("oversize", 65536)]


def test_a_line_longer_than_a_batch_does_not_block_what_follows(ledger: Ledger) -> None:
    content = lines([event("success", 1), event("success", 2, prompt="x" * 50_000), event("success", 3)])
    write_segment(ledger.folder.spool, content)
    take_in(ledger, options=IngestOptions(batch_bytes=10_000))

    assert recorded(ledger) == {call_id(1), call_id(3)}
    assert quarantined(ledger) != []


def test_foreign_things_in_the_spool_are_left_alone(ledger: Ledger) -> None:
    spool = write_segment(ledger.folder.spool, lines([event("success")])).parent
    (spool / "folder.seg").mkdir()
    (spool / "notes.txt").write_text("hello")
    (spool / "new.seg.tmp").write_bytes(lines([event("success", 2)]))
    (spool / "dangling.seg").symlink_to(spool / "nowhere")
    take_in(ledger)

    assert recorded(ledger) == {call_id(1)}
    assert sorted(path.name for path in spool.iterdir()) == ["dangling.seg", "folder.seg", "new.seg.tmp", "notes.txt"]


def test_a_finished_segment_is_put_away_and_a_living_one_stays(ledger: Ledger) -> None:
    done = write_segment(ledger.folder.spool, lines([event("success", 1)], "one"), "done.seg")
    alive = write_segment(ledger.folder.spool, lines([event("success", 2)], "two"), "alive.seg")
    with held(alive):
        report = take_in(ledger, now_us=LATER_US)

    assert (done.exists(), alive.exists(), report.archived) == (False, True, 1)
    (archived,) = ledger.folder.archive.iterdir()
    assert archive.origin(archived) == ("done.seg", len(lines([event("success", 1)], "one")))


def test_the_header_says_who_wrote_the_attempts(ledger: Ledger) -> None:
    write_segment(ledger.folder.spool, lines([event("success")], "life-1"))
    take_in(ledger)

    assert rows(ledger, "process_id") == [("life-1",)]
    assert rows(ledger, "process_id", "host", table="processes") == [("life-1", header().host)]
