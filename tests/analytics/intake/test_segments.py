"""Segments are handed out in whole lines, whatever their length, and to the last byte once their writer is gone."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import pytest

from analytics.intake import segments
from analytics.intake.segments import Segment

if TYPE_CHECKING:
    from pathlib import Path

LINES = [b"short", b"x" * 200_000, b"", b"y" * 70_000]
WHOLE = b"\n".join(LINES) + b"\n"


def _segment(tmp_path: Path, data: bytes, *, held: bool) -> Segment:
    path = tmp_path / "one.seg"
    path.write_bytes(data)
    return Segment(path, len(data), 0, None, held)


@pytest.mark.parametrize(
    "torn", [b"", b"torn", b"z" * 300_000], ids=["nothing", "a few bytes", "more than is looked at"]
)
def test_what_follows_the_last_newline_waits_for_its_writer(tmp_path: Path, torn: bytes) -> None:
    chunk = segments.read(_segment(tmp_path, WHOLE + torn, held=True), 0, 10**6)
    assert chunk is not None
    assert (chunk.data, chunk.end) == (WHOLE, len(WHOLE))


def test_the_rest_is_a_line_once_the_writer_is_gone(tmp_path: Path) -> None:
    chunk = segments.read(_segment(tmp_path, WHOLE + b"torn", held=False), 0, 10**6)
    assert chunk is not None
    assert chunk.data == WHOLE + b"torn"


@pytest.mark.parametrize("limit", [7, 1000, 199_999, 250_000, 10**6])
@pytest.mark.parametrize("held", [True, False])
def test_pieces_add_up_to_the_whole(tmp_path: Path, limit: int, *, held: bool) -> None:
    segment, pieces, reached = _segment(tmp_path, WHOLE, held=held), [], 0
    while (chunk := segments.read(segment, reached, limit)) is not None:
        assert chunk.start == reached
        assert len(chunk.data) <= limit
        pieces.append(chunk.data)
        reached = chunk.end
    assert b"".join(pieces) == WHOLE


def test_a_line_that_is_not_whole_yet_is_nothing(tmp_path: Path) -> None:
    assert segments.read(_segment(tmp_path, b"z" * 100_000, held=True), 0, 10**6) is None


def test_a_finished_segment_has_all_that_its_writer_added_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.seg"
    path.write_bytes(b"first\n")
    lock = fcntl.flock

    def writer_ends_just_before(descriptor: int, operation: int) -> None:
        if operation & fcntl.LOCK_NB:
            with path.open("ab") as file:
                file.write(b"last\n")
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", writer_ends_just_before)
    (found,) = segments.discover(tmp_path)
    assert (found.held, found.size) == (False, path.stat().st_size)
