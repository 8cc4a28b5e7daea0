"""The map of modules on the architecture page, made from the first sentence of each module."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("scalix", "collector", "routing", "analytics", "dashboard")
PAGE = ROOT / "docs" / "explanation" / "architecture.md"
BEGIN = "<!-- module map: made by `python -m docs.check --write` -->\n"
END = "<!-- end of module map -->\n"


def _sentence(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "&#124;")


def _folders() -> list[Path]:
    inner = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_dir())
    return [ROOT / package for package in PACKAGES] + sorted(path for path in inner if "__pycache__" not in path.parts)


def _table(folder: Path) -> str:
    files = sorted(folder.glob("*.py"))
    named = [path for path in files if path.name != "__init__.py"]
    if not named:
        return ""
    name = folder.relative_to(ROOT)
    rows = "\n".join(f"| `{path.relative_to(ROOT)}` | {_sentence(path)} |" for path in named)
    about = _sentence(folder / "__init__.py") if (folder / "__init__.py").exists() else ""
    return f"### `{name}/`\n\n{about}\n\n| module | what it does |\n|---|---|\n{rows}\n".replace("\n\n\n", "\n\n")


def module_map() -> str:
    """Every package with its modules, in Markdown."""
    return "\n".join(filter(None, map(_table, _folders())))


def page_with_map() -> str:
    """The architecture page with its map renewed."""
    text = PAGE.read_text()
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n{module_map()}\n{END}{tail}"


def undescribed() -> list[str]:
    """Modules whose first sentence is missing."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return [
        f"{path.relative_to(ROOT)}: says nowhere what it is for"
        for path in sorted(files)
        if path.stat().st_size and not _sentence(path)
    ]
