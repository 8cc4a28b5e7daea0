"""The reference page of the lake's schema, made from the comments in a lake file written for the purpose."""

from __future__ import annotations

import re
import tempfile
from contextlib import closing
from pathlib import Path

from analytics.asking.queries import all_queries
from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.folder import Folder
from scalix.store.lake_reader import LakeReader
from scalix.store.ledger import Ledger
from scalix.store.views import ROLLUPS

STABLE = (
    *("attempts", "requests", "spend_daily", "reliability_hourly", "failovers", "episodes", "budget_state", "alerts"),
    *("objective_state", "decisions", "prices", "data_quality", "jobs"),
)
"""The interface: these keep their names and columns; others may change with a release."""
_DIAGRAM = """```mermaid
erDiagram
    requests ||--|{ attempts : "request_id"
    requests ||--o{ failovers : "request_id"
    requests ||--o{ decisions : "trace_id"
    requests ||--o{ fallbacks : "trace_id"
    attempts ||--o{ adjustments : "started_at, call_id"
    repricings ||--o{ adjustments : "booked_at"
    processes ||--o{ attempts : "process_id"
    processes ||--o| losses : "process_id"
    prices }o--o{ attempts : "provider, model"
    attempts }|--|| spend_daily : "adds up to"
    attempts }|--|| reliability_hourly : "adds up to"
    attempts }|--|| data_quality : "adds up to"
    reliability_hourly }|--o{ episodes : "shows"
    reliability_hourly }|--|{ objective_state : "measures"
    objective_state ||--o{ alerts : "subject"
    data_quality ||--o{ quality_findings : "day"
    budget_changes ||--o| budget_state : "last of a name"
    budget_state ||--o{ alerts : "subject"
```
"""
_COLUMNS = """
SELECT table_name, column_name, data_type, comment FROM duckdb_columns()
WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index
"""
_VIEWS = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' ORDER BY view_name"
_MACROS = """
SELECT DISTINCT function_name, parameters, comment FROM duckdb_functions()
WHERE NOT internal AND function_type IN ('macro', 'table_macro') ORDER BY function_name
"""


def schema_page() -> str:
    """Diagram, questions, and every view, column and macro of the lake."""
    with tempfile.TemporaryDirectory() as scratch:
        lake = LakeReader(_empty_lake(Folder(Path(scratch) / "home")))
        columns = lake.read(_COLUMNS).rows()
        views = dict(lake.read(_VIEWS).rows())
        macros = lake.read(_MACROS).rows()
    held = {view: [row[1:] for row in columns if row[0] == view] for view in views}
    others = [view for view in views if view not in STABLE and view not in ROLLUPS]
    parts = [
        _head(),
        _DIAGRAM,
        _questions(),
        "## The interface\n\nThese views keep their names and columns.\n",
        *(_section(view, views[view], held[view]) for view in STABLE),
        "## Behind the interface\n\nThese may change with a release.\n",
        *(_section(view, views[view], held[view]) for view in others),
        _rollups(views, held),
        "## Macros\n\n| macro | answers |\n|---|---|\n"
        + "\n".join(f"| `{name}({', '.join(given)})` | {text} |" for name, given, text in macros)
        + "\n",
    ]
    return "\n".join(parts)


def diagrammed() -> set[str]:
    """The views that the diagram names."""
    relations = re.findall(r"^    (\w+) \S+--\S+ (\w+) :", _DIAGRAM, re.MULTILINE)
    return {name for relation in relations for name in relation}


def _empty_lake(folder: Folder) -> Path:
    with closing(Ledger.open(folder)) as ledger:
        lake = Lake(ledger, folder.lake)
        lake.start()
        lake.finish()
        publish_tables(ledger, folder)
        publish_rollups(ledger, folder)
        write_views(folder)
    return folder.lake_views


def _head() -> str:
    return (
        "# The lake's schema\n\n"
        "What `lake/scalix.duckdb` holds, for `scalix sql`, `POST /v1/sql` and every DuckDB client.\n"
        "The same texts are DuckDB comments in the file.\n"
        "Times are UTC, money is USD as an exact decimal, and unknown is NULL and never 0.\n\n"
        "## How they belong together\n"
    )


def _questions() -> str:
    asked = [
        f"{one.asks}\n\n```sql\n{one.sql.strip()}\n```\n\n`scalix sql --named {one.name}`\n" for one in all_queries()
    ]
    return "## The questions people ask first\n\n" + "\n".join(f"### {text}" for text in asked)


def _section(view: str, comment: str, columns: list[tuple[str, str, str]]) -> str:
    rows = "\n".join(f"| `{name}` | `{kind}` | {_cell(text)} |" for name, kind, text in columns)
    return f"### `{view}`\n\n{comment}\n\n| column | type | meaning |\n|---|---|---|\n{rows}\n"


def _rollups(views: dict[str, str], held: dict[str, list[tuple[str, str, str]]]) -> str:
    """Rollups that differ in nothing but their stretch of time share a section."""
    sections = []
    for kind in dict.fromkeys(rollup.rpartition("_")[0] for rollup in ROLLUPS):
        names = [rollup for rollup in ROLLUPS if rollup.rpartition("_")[0] == kind]
        sections.append(_section("`, `".join(names), views[names[0]], held[names[0]]))
    return "\n".join(sections)


def _cell(text: str) -> str:
    return text.replace("|", "&#124;")
