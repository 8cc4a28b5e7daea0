"""The interactive prompt of `scalix sql`: completion out of the lake's own schema, and a history that lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import FuzzyWordCompleter
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.lexers import PygmentsLexer

from scalix.errors import ScalixError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prompt_toolkit.key_binding import KeyPressEvent

    from scalix.store.lake_reader import LakeReader

HELP = "End a query with ; or an empty line. .views lists the views, .describe VIEW its columns, .quit leaves.\n"
_NAMES = """
SELECT DISTINCT name FROM (
    SELECT view_name AS name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'
    UNION ALL SELECT column_name FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main'
    UNION ALL SELECT function_name FROM duckdb_functions() WHERE NOT internal
    UNION ALL SELECT upper(keyword_name) FROM duckdb_keywords() WHERE keyword_category = 'reserved'
) ORDER BY name
"""
_VIEWS = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY view_name"
_COLUMNS = """
SELECT column_name, data_type, comment FROM duckdb_columns()
WHERE NOT internal AND schema_name = 'main' AND table_name = $view ORDER BY column_index
"""


def run(lake: LakeReader, history: Path, *, answer: Callable[[str, dict[str, object]], None]) -> None:
    """Ask for queries until the person leaves. ``answer`` prints one; its errors are told and the prompt goes on."""
    session: PromptSession[str] = PromptSession(
        history=_private(history),
        completer=completer(lake),
        lexer=PygmentsLexer.from_filename("query.sql"),
        multiline=True,
        key_bindings=_keys(),
        prompt_continuation="   ... ",
        complete_while_typing=False,
    )
    session.output.write(HELP)
    while True:
        try:
            asked = session.prompt("scalix> ").strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if asked in {".quit", ".exit"}:
            return
        if asked:
            _answered(asked, session, answer)


def completer(lake: LakeReader) -> FuzzyWordCompleter:
    """Completes views, columns, macros and keywords."""
    return FuzzyWordCompleter(lake.read(_NAMES)["name"].to_list())


def _answered(asked: str, session: PromptSession[str], answer: Callable[[str, dict[str, object]], None]) -> None:
    try:
        sql, parameters = _meant(asked)
        answer(sql, parameters)
    except ScalixError as error:
        session.output.write(f"{error}\n")
        session.output.flush()


def _meant(asked: str) -> tuple[str, dict[str, object]]:
    command, _, rest = asked.partition(" ")
    if command == ".views":
        return _VIEWS, {}
    if command == ".describe":
        return _COLUMNS, {"view": rest.strip()}
    if command.startswith("."):
        raise ScalixError(f"there is no {command}. {HELP.strip()}")
    return asked, {}


def _private(path: Path) -> FileHistory:
    path.touch(mode=0o600)
    return FileHistory(str(path))


def _keys() -> KeyBindings:
    """Enter ends a query that ends with a semicolon, a command, or an empty line; else it begins another line."""
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.document.text.rstrip(" ")
        if text.rstrip().endswith(";") or text.startswith(".") or text.endswith("\n") or not text:
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return keys
