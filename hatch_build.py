"""Compiles `collector.native` while the package is built or installed, where there is a C compiler.

Without one everything works the same, only the hooks take twice the time. ``SCALIX_NATIVE=0`` leaves it out on
purpose. ``python hatch_build.py`` compiles it in a checkout whose C sources changed, and writes down which they are.
A wheel takes the folder as it is, with what was compiled in it for other Pythons: publish from a clean checkout.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path(__file__).parent / "collector" / "native"
FLAGS = ("-O2", "-DNDEBUG", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-missing-field-initializers")
OFF = ("0", "false", "no", "off")


class NativeHook(BuildHookInterface[Any]):
    """What Hatch calls before it builds a wheel or installs a checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # type: ignore[explicit-override]  # noqa: ARG002
        """Compile, and say that the wheel then fits this Python alone."""
        if os.environ.get("SCALIX_NATIVE", "").strip().lower() in OFF:
            return
        try:
            compiled()
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"scalix goes without its compiled part, and its hooks take twice the time: {error}\n")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True


def fingerprint() -> str:
    """By which a compiled module is known to be of these sources."""
    sources = sorted([*FOLDER.glob("*.c"), *FOLDER.glob("*.h")])
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:16]


def compiled() -> Path:
    """The compiled module beside its sources, made anew unless it is of these.

    Raises OSError without a compiler or where nothing may be written, CalledProcessError when compiling fails.
    """
    module, mark = FOLDER / f"ordinary{sysconfig.get_config_var('EXT_SUFFIX')}", fingerprint()
    if module.exists() and mark.encode() in module.read_bytes():
        return module
    linker, code = (shlex.split(sysconfig.get_config_var(name) or "") for name in ("LDSHARED", "CCSHARED"))
    if not linker:
        raise OSError("this Python does not say how it is extended")
    given = [f'-DFINGERPRINT="{mark}"', f"-I{sysconfig.get_path('include')}", *map(str, sorted(FOLDER.glob("*.c")))]
    # Other processes may be loading the module that is there.
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix=".compiling-") as beside:
        made = Path(beside) / module.name
        subprocess.run([*linker, *code, *FLAGS, *given, "-o", str(made), "-lm"], check=True)  # noqa: S603  this Python's compiler
        made.replace(module)
    return module


def main() -> int:
    """Compile in this checkout; 1 when the sources do not compile, 0 also where there is no compiler."""
    known = FOLDER / "fingerprint.py"
    text = (
        '"""Made by `python hatch_build.py`: by which a compiled module is known to be of these sources."""\n\n'
        f'FINGERPRINT = "{fingerprint()}"\n'
    )
    if not known.exists() or known.read_text() != text:
        known.write_text(text)
    try:
        compiled()
    except OSError as error:
        sys.stderr.write(f"not compiled: {error}\n")
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"does not compile: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
