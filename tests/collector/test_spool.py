"""Whatever disk, threads and processes do: the caller notices nothing, and loss is only what is reported as lost."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import subprocess
import textwrap
import threading
from typing import TYPE_CHECKING, Any

import pytest

from collector.guard import Guard
from collector.segment import Segment, create
from collector.spool import MOST_WAITING_LINES, Spool
from scalix.events import AttemptEvent, to_line
from tests.collector.conftest import PYTHON, environment, events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def event(number: int, **fields: Any) -> AttemptEvent:
    return AttemptEvent(kind="opened", call_id=f"call-{number}", started_us=number, at_us=number, **fields)


def numbers(folder: Path) -> list[int]:
    return sorted(e["started_us"] for e in events(folder, "opened"))


@pytest.fixture
def written(spool: Path) -> Iterator[Spool]:
    one = Spool(spool, 1 << 20, Guard())
    yield one
    one.close()


def test_a_segment_has_its_header_first_and_is_locked(spool: Path, written: Spool) -> None:
    written.write(event(1))
    assert [e["kind"] for e in events(spool)] == ["process", "opened"]
    (segment,) = spool.iterdir()
    assert segment.suffix == ".seg"
    with segment.open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_files_are_for_their_owner_alone(spool: Path, written: Spool) -> None:
    written.write(event(1))
    (segment,) = spool.iterdir()
    assert (spool.stat().st_mode & 0o777, segment.stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_folder_made_for_the_spool_is_for_its_owner_too(tmp_path: Path) -> None:
    made = Spool(tmp_path / "home" / "spool", 1 << 20, Guard())
    made.write(event(1))
    made.close()
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_a_full_segment_is_closed_and_another_begun(spool: Path) -> None:
    small = Spool(spool, 4096, Guard())
    for number in range(100):
        small.write(event(number, model="m" * 100))
    assert numbers(spool) == list(range(100))
    segments = list(spool.glob("*.seg"))
    assert len(segments) > 3
    assert all(s.stat().st_size < 4096 + 1024 for s in segments)
    for segment in segments:
        if segment != small.path:
            with segment.open() as finished:
                fcntl.flock(finished, fcntl.LOCK_EX | fcntl.LOCK_NB)
    small.close()


def test_a_removed_folder_is_made_again(spool: Path, written: Spool) -> None:
    written.write(event(1))
    for segment in spool.iterdir():
        segment.unlink()
    spool.rmdir()
    written._next_look = 0
    written.write(event(2))
    assert numbers(spool) == [2]


def test_an_unwritable_folder_holds_events_back_until_it_works(tmp_path: Path) -> None:
    blocked = tmp_path / "spool"
    blocked.write_text("a file where the folder belongs")
    held = Spool(blocked, 1 << 20, Guard())
    for number in range(5):
        held.write(event(number))
    assert held.waiting == 5
    blocked.unlink()
    held.write(event(5))
    assert numbers(blocked) == list(range(6))
    assert events(blocked, "loss") == []
    held.close()


def test_what_does_not_fit_is_dropped_counted_and_told(tmp_path: Path) -> None:
    blocked = tmp_path / "spool"
    blocked.write_text("a file where the folder belongs")
    held = Spool(blocked, 1 << 24, Guard())
    accepted = [held.write(event(number)) for number in range(MOST_WAITING_LINES + 7)]
    assert accepted.count(False) == 7
    blocked.unlink()
    assert held.flush() == 0
    assert len(numbers(blocked)) == MOST_WAITING_LINES
    assert [loss["dropped"] for loss in events(blocked, "loss")] == [7]
    held.close()


def test_a_short_write_is_completed(spool: Path, written: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    written.write(event(1))
    whole = os.write
    monkeypatch.setattr("collector.segment.os.write", lambda fd, data: whole(fd, data[:10]))
    written.write(event(2))
    monkeypatch.undo()
    written.write(event(3))
    assert numbers(spool) == [1, 2, 3]


def test_a_torn_line_never_takes_its_neighbour_along(spool: Path) -> None:
    segment = create(spool, "host-boot", to_line(event(0)))
    whole = os.write
    torn = iter([10])

    def fail_midway(fd: int, data: bytes) -> int:
        if (size := next(torn, None)) is not None:
            return whole(fd, data[:size])
        raise OSError(errno.ENOSPC, "full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("collector.segment.os.write", fail_midway)
        with pytest.raises(OSError, match="full"):
            segment.append(to_line(event(1)))
    segment.append(to_line(event(2)))
    segment.close()
    assert numbers(spool) == [0, 2]


def test_a_disk_that_fails_midway_loses_nothing(spool: Path, written: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    written.write(event(1))
    original = Segment.append
    failing = iter([True, True, False])

    def append(self: Segment, line: bytes) -> None:
        if next(failing, False):
            os.write(self.fd, line[:20])
            self.torn = True
            raise OSError(errno.EIO, "broken")
        original(self, line)

    monkeypatch.setattr(Segment, "append", append)
    for number in (2, 3, 4):
        written.write(event(number))
    assert numbers(spool) == [1, 2, 3, 4]


def test_a_file_size_limit_moves_on_to_a_new_file(spool: Path) -> None:
    """RLIMIT_FSIZE is per file, so a fresh segment takes what the old one refuses."""
    script = """
        import resource, pathlib, sys
        from collector.spool import Spool
        from scalix.events import AttemptEvent
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        spool = Spool(pathlib.Path(sys.argv[1]), 1 << 30)
        for n in range(1_000):
            spool.write(AttemptEvent(kind="opened", call_id="c", started_us=n, at_us=n, model="m" * 100))
    """
    subprocess.run([PYTHON, "-c", textwrap.dedent(script), str(spool)], check=True, env=environment(spool))
    assert numbers(spool) == list(range(1_000))


def test_a_full_disk_delays_and_never_doubles(tmp_path: Path) -> None:
    """On a file system of 256 kB: what waits is written once there is room, in order, each line once."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        filler = disk / "filler"
        spool = Spool(disk / "spool", 1 << 30, Guard())
        spool.write(event(0))
        fill(filler)
        for number in range(1, 200):
            spool.write(event(number, model="m" * 200))
        assert spool.waiting > 100
        filler.unlink()
        spool.write(event(200))
        assert spool.waiting == 0
        assert numbers(disk / "spool") == list(range(201))
        spool.close()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_events_still_waiting_are_tried_once_more_at_exit(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.write_text("in the way")
    script = """
        import os, pathlib, sys
        from collector.spool import Spool
        from scalix.events import AttemptEvent
        spool = Spool(pathlib.Path(sys.argv[1]), 1 << 20)
        spool.write(AttemptEvent(kind="opened", call_id="c", started_us=7, at_us=7))
        os.unlink(sys.argv[1])
    """
    subprocess.run([PYTHON, "-c", textwrap.dedent(script), str(folder)], check=True, env=environment(folder))
    assert numbers(folder) == [7]


def test_a_forked_child_writes_to_a_segment_of_its_own(spool: Path) -> None:
    script = """
        import os, pathlib, sys, threading
        from collector.spool import Spool
        from scalix.events import AttemptEvent
        spool = Spool(pathlib.Path(sys.argv[1]), 1 << 20)
        def write(start):
            for n in range(start, start + 200):
                spool.write(AttemptEvent(kind="opened", call_id=str(os.getpid()), started_us=n, at_us=n))
        # A thread is in the middle of writing, lock held or not, at each fork.
        busy = threading.Thread(target=write, args=(0,))
        busy.start()
        children = []
        for child in range(1, 9):
            pid = os.fork()
            if pid == 0:
                write(child * 1000)
                os._exit(0)
            children.append(pid)
        busy.join()
        for pid in children:
            os.waitpid(pid, 0)
        write(9000)
    """
    subprocess.run([PYTHON, "-c", textwrap.dedent(script), str(spool)], check=True, env=environment(spool), timeout=60)
    expected = sorted(n for start in range(0, 10_000, 1000) for n in range(start, start + 200))
    assert numbers(spool) == expected
    headers = events(spool, "process")
    assert len({h["process_id"] for h in headers}) == len(headers) == 9
    for segment in spool.glob("*.seg"):
        pids = {e["call_id"] for e in events_of(segment)}
        assert len(pids) == 1


def fill(path: Path) -> None:
    """Write to the path until the file system has no room."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def events_of(segment: Path) -> list[dict[str, Any]]:
    folder = segment.parent / segment.stem
    folder.mkdir()
    (folder / segment.name).write_bytes(segment.read_bytes())
    return events(folder, "opened")


def test_sixteen_processes_with_fifty_threads_each(spool: Path) -> None:
    script = """
        import pathlib, sys, threading
        from collector.spool import Spool
        from scalix.events import AttemptEvent
        spool, base = Spool(pathlib.Path(sys.argv[1]), 1 << 16), int(sys.argv[2]) * 1000
        def work(thread):
            for n in range(20):
                number = base + thread * 20 + n
                spool.write(AttemptEvent(kind="opened", call_id="c", started_us=number, at_us=1, model="m" * 200))
        threads = [threading.Thread(target=work, args=(t,)) for t in range(50)]
        [t.start() for t in threads]
        [t.join() for t in threads]
    """
    command = [PYTHON, "-c", textwrap.dedent(script), str(spool)]
    running = [subprocess.Popen([*command, str(n)], env=environment(spool)) for n in range(16)]
    assert [p.wait(120) for p in running] == [0] * 16
    assert numbers(spool) == list(range(16_000))


def test_threads_rotate_without_losing_or_mixing_lines(spool: Path) -> None:
    small = Spool(spool, 4096, Guard())

    def work(base: int) -> None:
        for number in range(base, base + 100):
            small.write(event(number, model="m" * 300))

    threads = [threading.Thread(target=work, args=(base,)) for base in range(0, 1000, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    small.close()
    assert numbers(spool) == list(range(1000))


def test_guarded_errors_are_told(spool: Path) -> None:
    guard = Guard()
    watched = Spool(spool, 1 << 20, guard)
    with guard:
        raise ValueError("sk-abcdefghijklmnop was wrong")
    watched.write(event(1))
    (loss,) = events(spool, "loss")
    assert (loss["guarded_errors"], loss["last_error"]) == (1, "ValueError: [hidden] was wrong")
    watched.close()
