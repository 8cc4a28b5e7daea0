"""Compiles `collector.native` while the package is built or installed, where there is a C compiler.

Without one everything works the same, only the hooks take twice the time. ``SCALIX_NATIVE=0`` leaves it out on
purpose. ``python hatch_build.py`` compiles it in a checkout whose C sources changed.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path(__file__).parent / "collector" / "native"
MODULES = "ordinary*.so"
FLAGS = ("-O2", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-missing-field-initializers")


class NativeHook(BuildHookInterface[Any]):
    """What Hatch calls before it builds a wheel or installs a checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # type: ignore[explicit-override]  # `override` is younger than Python 3.11
        """Compile, and say that the wheel then fits this Python alone."""
        module = None if os.environ.get("SCALIX_NATIVE") == "0" else compiled()
        if version != "editable":
            # A wheel takes the folder as it is, so nothing may lie there that was compiled for another Python.
            for other in set(FOLDER.glob(MODULES)) - {module}:
                other.unlink()
        if module is not None:
            build_data["pure_python"] = False
            build_data["infer_tag"] = True


def compiled() -> Path | None:
    """The compiled module beside its sources, made anew when they are younger; None, and a word why, without one."""
    module = FOLDER / f"ordinary{sysconfig.get_config_var('EXT_SUFFIX')}"
    sources = [*FOLDER.glob("*.c"), *FOLDER.glob("*.h")]
    if module.exists() and module.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return module
    try:
        _compile(module)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"scalix goes without its compiled part, and its hooks take twice the time: {error}\n")
        return None
    return module


def _compile(module: Path) -> None:
    linker, code = (shlex.split(sysconfig.get_config_var(name) or "") for name in ("LDSHARED", "CCSHARED"))
    if not linker:
        raise OSError("this Python does not say how it is extended")
    # Other processes may be loading the module that is there.
    made = module.with_suffix(f".{os.getpid()}")
    command = [*linker, *code, *FLAGS, f"-I{sysconfig.get_path('include')}", *map(str, sorted(FOLDER.glob("*.c")))]
    subprocess.run([*command, "-o", str(made), "-lm"], check=True)  # noqa: S603  the compiler of this Python
    made.replace(module)


if __name__ == "__main__":
    compiled()
