"""Budgets as they are defined now. Every change is also a fact in the ledger."""

from __future__ import annotations

import sqlalchemy as sa

from scalix.store.tables.metadata import metadata

budgets = sa.Table(
    "budgets",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("changed_us", sa.BigInteger, nullable=False),
)
