"""Objectives as they are defined now, beside the defaults. Every change is also a fact in the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from scalix.store.tables.metadata import metadata

objectives = sa.Table(
    "objectives",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("definition", sa.Text),
    sa.Column("changed_us", sa.BigInteger, nullable=False),
)
