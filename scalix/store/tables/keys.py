"""Keys of the gateway, and what is reserved of their budgets for calls under way."""

from __future__ import annotations

import sqlalchemy as sa

from scalix.store.tables.metadata import metadata

keys = sa.Table(
    "gateway_keys",
    metadata,
    sa.Column("prefix", sa.String, primary_key=True),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("alias", sa.String),
    sa.Column("user_id", sa.String),
    sa.Column("team", sa.String),
    sa.Column("models", sa.Text, nullable=False),
    sa.Column("budget_pusd", sa.BigInteger),
    sa.Column("spent_pusd", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger),
    sa.Column("blocked", sa.Boolean, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)
reservations = sa.Table(
    "gateway_reservations",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("prefix", sa.String, nullable=False, index=True),
    sa.Column("amount_pusd", sa.BigInteger, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
)
