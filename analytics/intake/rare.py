"""Takes in what is not about one attempt: processes, fallbacks, losses, and what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import polars as pl

from analytics.pricing import shelf
from analytics.pricing.own import own_facts
from scalix.events import (
    BudgetEvent,
    CooldownEvent,
    DecisionEvent,
    FallbackEvent,
    LossEvent,
    ObjectiveEvent,
    PriceEvent,
    ProcessEvent,
    RejectEvent,
    RepriceEvent,
)
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from scalix.events import RareEvent


def take_in_rare(cursor: duckdb.DuckDBPyConnection, events: Sequence[RareEvent]) -> None:
    """Write these events, leaving out what a copied segment repeats."""
    _insert(cursor, "rare_process", "ingest/insert_processes", _of_type(events, ProcessEvent))
    _insert(cursor, "rare_fallback", "ingest/insert_fallbacks", _of_type(events, FallbackEvent))
    _insert(cursor, "rare_cooldown", "ingest/insert_cooldowns", _of_type(events, CooldownEvent))
    _insert(cursor, "rare_loss", "ingest/insert_losses", _of_type(events, LossEvent))
    _insert(cursor, "rare_reprice", "repricing/insert", _of_type(events, RepriceEvent))
    _insert(cursor, "rare_budget", "budgets/insert_changes", _of_type(events, BudgetEvent))
    _insert(cursor, "rare_objective", "objectives/insert_changes", _of_type(events, ObjectiveEvent))
    _insert(cursor, "rare_reject", "ingest/insert_rejects", _of_type(events, RejectEvent))
    _insert(cursor, "rare_decision", "routing/insert_decisions", _of_type(events, DecisionEvent))
    shelf.add(cursor, own_facts([event for event in events if isinstance(event, PriceEvent)]))


def _of_type(events: Sequence[RareEvent], wanted: type[RareEvent]) -> pl.DataFrame | None:
    chosen = [msgspec.structs.asdict(event) for event in events if isinstance(event, wanted)]
    return pl.DataFrame(chosen, schema=_schema(wanted)) if chosen else None


def _schema(event: type[RareEvent]) -> dict[str, type[pl.DataType]]:
    """Column types by what the field holds; a column that is empty throughout needs one too."""
    texts = {"model_group", "original_model_group", "trace_id", "call_id", "error_kind", "error_class"}
    texts |= {"last_error", "litellm_version", "process_id", "host", "boot_id"}
    texts |= {"collector_version", "python_version", "reason", "name", "definition", "changed_by"}
    texts |= {"source", "record"}
    texts |= {"mode", "snapshot_id", "deployment_id", "decision"}
    return {
        name: pl.String
        if name in texts
        else pl.Boolean
        if name in {"succeeded", "acted"}
        else pl.Float64
        if name == "probability"
        else pl.Int64
        for name in event.__struct_fields__
    }


def _insert(cursor: duckdb.DuckDBPyConnection, frame: str, sql: str, events: pl.DataFrame | None) -> None:
    if events is None:
        return
    cursor.register(frame, events)
    query = sqlfiles.text(sql)
    bounds = {"first_us": events["at_us"].min(), "last_us": events["at_us"].max()}
    cursor.execute(query, bounds if "$first_us" in query else None).fetchall()
