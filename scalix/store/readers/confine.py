"""The locks that the operating system holds for a reader: no file written, one folder read, bounded memory.

They stand behind DuckDB's own locks, so that a hole in either is not yet a way out.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys
import sysconfig
from pathlib import Path

_STATM = Path("/proc/self/statm")
_NO_NEW_PRIVILEGES = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_MACHINE = (Path("/proc/self/cgroup"), _STATM, Path("/sys/fs/cgroup"), Path("/sys/devices/system/cpu"))
"""Where a reader finds out at its start how much of the machine there is and it has; DuckDB does not start without."""
_FILE_RIGHTS = {1: 1 << 13, 2: 1 << 14, 3: 1 << 15, 4: 1 << 15, 5: 1 << 16}
"""Landlock's version to one past its last right over files; see linux/landlock.h."""
_FIRST_WITH_NETWORK = 4
_TCP_RIGHTS = 0b11
_MOST_ARENAS = -8


def give_up_writing() -> None:
    """No file can grow, and no core is dumped."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def stay_within(folder: Path) -> bool:
    """From now on this thread and those it starts can only read, and only ``folder`` and Python's own library.

    Without Landlock, on an older Linux or another system, nothing happens and the answer is False.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    rights = _FILE_RIGHTS.get(version, _FILE_RIGHTS[5]) - 1
    wanted = struct.pack("QQ", rights, _TCP_RIGHTS) if version >= _FIRST_WITH_NETWORK else struct.pack("Q", rights)
    ruleset = _checked(libc.syscall(_CREATE_RULESET, wanted, len(wanted), 0))
    code = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    for path in (folder, *_MACHINE, *code):
        if path.exists():
            _allow_reading(libc, ruleset, path)
    _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _checked(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    return True


def _allow_reading(libc: ctypes.CDLL, ruleset: int, path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    rights = _READ_FILE | (_READ_DIR if path.is_dir() else 0)
    rule = struct.pack("=Qi", rights, descriptor)
    _checked(libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0))
    os.close(descriptor)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock is there but cannot be used")
    return result


def bound_memory(beyond_bytes: int) -> None:
    """Let the address space grow by so much and no more, where the system tells how large it is."""
    now = _address_space()
    if now is not None:
        resource.setrlimit(resource.RLIMIT_AS, (now + beyond_bytes, now + beyond_bytes))


def share_memory_pools() -> None:
    """Have all threads allocate from one pool where glibc would reserve address space for each."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_MOST_ARENAS, 1)


def memory_left() -> int | None:
    """How much the address space may still grow; None where it is not bounded."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    now = _address_space()
    return None if now is None or most == resource.RLIM_INFINITY else most - now


def _address_space() -> int | None:
    return int(_STATM.read_bytes().split()[0]) * resource.getpagesize() if _STATM.exists() else None
