"""No test reads the clock while it is collected: by the time it runs, "three minutes ago" may be twenty."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[1]
CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns"})
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
# What bounds the rows of a test from outside, never a row's own age.
ALLOWED = {"project/bound.py"}


@pytest.mark.parametrize(
    "source",
    [
        "AGE = now()",
        "@mark(f(1))\ndef test(): ...\ndef f(x): return time.time()",
        "@mark(now())\nasync def test(): ...",
        "def row(at=now()): ...",
    ],
)
def test_a_clock_read_too_early_is_found(source: str) -> None:
    assert list(_read_at_import(ast.parse(source)))


def test_a_clock_read_by_the_test_itself_is_not_meant() -> None:
    assert not list(_read_at_import(ast.parse("@mark(lambda: now())\ndef test(): return now()")))


def test_no_module_of_the_tests_reads_the_clock_at_import() -> None:
    paths = {str(path.relative_to(TESTS)): path for path in TESTS.rglob("*.py")}
    early = {
        f"{name}:{line}"
        for name in paths.keys() - ALLOWED
        for line in _read_at_import(ast.parse(paths[name].read_text(encoding="utf-8")))
    }
    assert not early


def _read_at_import(module: ast.Module) -> Iterator[int]:
    functions = [node for node in module.body if isinstance(node, FUNCTION)]
    reading = set(CLOCKS)
    for _ in functions:  # a function that calls one of these reads the clock too
        reading |= {f.name for f in functions if any(set(_called(node)) & reading for node in f.body)}
    for node in module.body:
        parts = [*node.decorator_list, node.args] if isinstance(node, FUNCTION) else [node]
        if any(set(_called(part)) & reading for part in parts):
            yield node.lineno


def _called(node: ast.AST) -> Iterator[str]:
    """The names of what is called when this is evaluated, so not what stands inside functions."""
    if isinstance(node, ast.Lambda | FUNCTION):
        return
    if isinstance(node, ast.Call):
        yield getattr(node.func, "id", getattr(node.func, "attr", ""))
    for child in ast.iter_child_nodes(node):
        yield from _called(child)
