"""What the Keys page shows, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import streamlit as st

from dashboard import amounts, formatting, key_actions
from dashboard.choosing import row_of
from dashboard.formatting import UNKNOWN, clean, cleaned
from scalix.times import from_us

if TYPE_CHECKING:
    from streamlit.elements.lib.column_types import ColumnConfig

    from analytics.access.accounts import Account
    from analytics.access.desk import AccessDesk
    from analytics.access.keys import Key
    from analytics.access.limits import Limits

_CREATE = "scalix key create --alias app --user ada --team search --budget 10 --window month\n"
_TYPES: dict[str, pl.DataType] = {
    "budget": pl.Float64(),
    "share": pl.Float64(),
    "resets": pl.Datetime("us", "UTC"),
    "used": pl.Datetime("us", "UTC"),
    "user": pl.String(),
    "team": pl.String(),
    "client": pl.String(),
    "limits": pl.String(),
}
_UNPRICED = "A call of unknown cost stays counted at the most it can have cost"
_COLUMNS = {
    "share": st.column_config.ProgressColumn("Used", format="percent", min_value=0, max_value=1),
    "under_way": st.column_config.NumberColumn("Under way", width="small", help="Calls that are being made now"),
    "refused": st.column_config.NumberColumn("Refused", width="small", help="Calls that a limit has kept back"),
    "resets": st.column_config.DatetimeColumn("Begins anew (UTC)", format="MMM DD, HH:mm", width=120),
    "used": st.column_config.DatetimeColumn("Last call (UTC)", format="MMM DD, HH:mm:ss", width=130),
    "limits": st.column_config.TextColumn("Limits"),
}


def show(desk: AccessDesk) -> None:
    """Everything, or how to begin."""
    if not desk.keys:
        _welcome()
        key_actions.new_key()
        return
    with st.container(border=True):
        _keys(desk)
    if desk.accounts:
        with st.container(border=True):
            st.subheader("Teams and users")
            _accounts(desk.accounts)
    with st.container(border=True):
        st.subheader("Changes")
        _changes(desk.changes, {key.id: key.name for key in desk.keys})


def _money(shown: pl.DataFrame) -> dict[str, ColumnConfig]:
    return {
        "spent": amounts.column("Spent", shown["spent"], explained=_UNPRICED),
        "budget": amounts.column("Budget", shown["budget"]),
        **_COLUMNS,
    }


def _welcome() -> None:
    st.info(
        "A key lets a client call models through the gateway, within its budget and limits.",
        title="No keys yet",
        icon=":material/key:",
    )
    st.code(_CREATE, language="bash")


def _keys(desk: AccessDesk) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Keys")
        key_actions.new_key()
    if desk.total > len(desk.keys):
        st.caption(f"The newest {formatting.count(len(desk.keys))} of {formatting.count(desk.total)}.")
    shown = pl.DataFrame([_key(key) for key in desk.keys], schema_overrides=_TYPES)
    chosen = row_of(
        amounts.rounded(shown, "spent", "budget"),
        {
            "name": st.column_config.TextColumn("Key", pinned=True),
            "state": st.column_config.TextColumn("State", width="small"),
            "user": st.column_config.TextColumn("User", width="small"),
            "team": st.column_config.TextColumn("Team", width="small"),
            "client": st.column_config.TextColumn("Last client", width="small"),
            **_money(shown),
        },
        alt="Keys, what each has spent and may spend",
        key="keys",
    )
    if chosen is not None:
        _one(desk.keys[chosen], desk.changes)
    else:
        st.caption("Choose a row to block, rotate or remove a key and to see its history.")


def _one(key: Key, changes: pl.DataFrame) -> None:
    with st.container(border=True):
        st.text(f"{clean(key.name)}  {key.id}")
        key_actions.of_one(key)
        _changes(changes.filter(pl.col("id") == key.id), {key.id: key.name}, of_one=True)


def _accounts(accounts: list[Account]) -> None:
    rows = [{"kind": one.kind, "name": clean(one.alias or one.id), **_spending(one)} for one in accounts]
    shown = pl.DataFrame(rows, schema_overrides=_TYPES)
    st.dataframe(
        amounts.rounded(shown, "spent", "budget"),
        hide_index=True,
        column_config={
            "kind": st.column_config.TextColumn("", width="small"),
            "name": st.column_config.TextColumn("Name", pinned=True),
            **_money(shown),
        },
        placeholder=UNKNOWN,
        alt="Teams and users, what each has spent and may spend",
        key="accounts",
    )


def _key(key: Key) -> dict[str, Any]:
    account = key.account
    return {
        "name": clean(key.name),
        "state": "blocked" if account.blocked else "on",
        "user": clean(key.user_id) if key.user_id else None,
        "team": clean(key.team_id) if key.team_id else None,
        **_spending(account),
        "client": account.last_client,
    }


def _spending(account: Account) -> dict[str, Any]:
    budget = account.limits.budget_usd
    return {
        "spent": float(account.spent_usd),
        "budget": None if budget is None else float(budget),
        "share": None if budget is None else min(float(account.spent_usd / budget), 1.0),
        "under_way": account.calls,
        "refused": account.refused,
        "resets": None if account.window_end_us is None else from_us(account.window_end_us),
        "used": None if account.last_used_us is None else from_us(account.last_used_us),
        "limits": _limits(account.limits),
    }


def _limits(limits: Limits) -> str | None:
    counts = (
        (limits.requests_per_minute, "requests/min"),
        (limits.tokens_per_minute, "tokens/min"),
        (limits.parallel, "at once"),
    )
    said = [f"{formatting.count(number)} {what}" for number, what in counts if number is not None]
    models = [", ".join(clean(name) for name in limits.models)] if limits.models else []
    return "; ".join([*said, *models]) or None


def _changes(frame: pl.DataFrame, names: dict[str, str], *, of_one: bool = False) -> None:
    if not frame.height:
        st.caption("Nothing has changed yet.")
        return
    shown = frame.select(
        pl.from_epoch("at_us", time_unit="us").alias("changed_at"),
        "kind",
        pl.col("id").replace({identifier: clean(name) for identifier, name in names.items()}).alias("name"),
        "action",
        cleaned("changed_by"),
        cleaned("detail"),
    )
    st.dataframe(
        shown.drop("kind", "name") if of_one else shown.with_columns(cleaned("name")),
        hide_index=True,
        column_config={
            "changed_at": st.column_config.DatetimeColumn("At (UTC)", format="MMM DD, HH:mm:ss", width=130),
            "kind": st.column_config.TextColumn("", width="small"),
            "name": st.column_config.TextColumn("Of"),
            "action": st.column_config.TextColumn("What", width="small"),
            "changed_by": st.column_config.TextColumn("By", width="small"),
            "detail": st.column_config.TextColumn("Detail"),
        },
        placeholder=UNKNOWN,
        alt="Changes of a key" if of_one else "Changes of keys, users, teams and budgets",
        key="key_history" if of_one else "history",
    )
