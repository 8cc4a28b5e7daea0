"""Checks that the documentation is current: links, generated pages, and the map of modules.

Run as ``python -m docs.check`` (part of ``make check``); ``--write`` renews the generated pages.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from docs.generate import GENERATED

ROOT = Path(__file__).parents[1]
PACKAGES = ("scalix", "collector", "analytics", "routing", "dashboard")
MAP = ROOT / "docs" / "explanation" / "architecture.md"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def pages() -> list[Path]:
    """Every Markdown page a reader may open."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def broken_links() -> list[str]:
    """Relative links that lead nowhere."""
    return [
        f"{page.relative_to(ROOT)}: link to {target} leads nowhere"
        for page in pages()
        for target in LINK.findall(page.read_text())
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]


def modules() -> list[str]:
    """Repository paths of all modules that belong on the map; empty ``__init__`` files do not."""
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(str(path.relative_to(ROOT)) for path in found if path.name != "__init__.py" or path.stat().st_size)


def unmapped_modules() -> list[str]:
    """Modules that the architecture page does not name, and names on it that no longer exist."""
    text = MAP.read_text()
    missing = [f"{MAP.relative_to(ROOT)}: does not name {path}" for path in modules() if f"`{path}`" not in text]
    named = re.findall(rf"`((?:{'|'.join(PACKAGES)})/[\w/]+\.py)`", text)
    gone = [
        f"{MAP.relative_to(ROOT)}: names {path}, which is not there" for path in named if not (ROOT / path).exists()
    ]
    return missing + gone


def stale_pages(*, write: bool) -> list[str]:
    """Generated pages whose text differs from what the code says; ``write`` renews them instead."""
    stale = []
    for name, text_of in GENERATED.items():
        page = ROOT / "docs" / "reference" / name
        text = text_of()
        if write:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            stale.append(f"{page.relative_to(ROOT)}: not current; run `python -m docs.check --write`")
    return stale


def main() -> int:
    """Print what is wrong; 1 when anything is."""
    problems = [*stale_pages(write="--write" in sys.argv), *broken_links(), *unmapped_modules()]
    for problem in problems:
        print(problem)  # noqa: T201  the report is this program's output
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
