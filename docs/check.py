"""Checks that the documentation is current: links, generated pages, and the map of modules.

Run as ``python -m docs.check`` (part of ``make check``); ``--write`` renews the generated pages.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from docs.generate import GENERATED
from docs.modules import PAGE, page_with_map, undescribed

ROOT = Path(__file__).parents[1]
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


def stale_pages(*, write: bool) -> list[str]:
    """Generated pages whose text differs from what the code says; ``write`` renews them instead."""
    stale = []
    made = {ROOT / "docs" / "reference" / name: text_of for name, text_of in GENERATED.items()}
    for page, text_of in (made | {PAGE: page_with_map}).items():
        text = text_of()
        if write:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            stale.append(f"{page.relative_to(ROOT)}: not current; run `python -m docs.check --write`")
    return stale


def main() -> int:
    """Print what is wrong; 1 when anything is."""
    problems = [*stale_pages(write="--write" in sys.argv), *broken_links(), *undescribed()]
    for problem in problems:
        print(problem)  # noqa: T201  the report is this program's output
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
