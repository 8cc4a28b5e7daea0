"""Who may call through the gateway, what they may spend and have spent, and the calls that are under way."""

from __future__ import annotations

import sqlalchemy as sa

from scalix.store.tables.metadata import metadata

accounts = sa.Table(
    "gateway_accounts",
    metadata,
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("alias", sa.String),
    sa.Column("limits", sa.Text, nullable=False),
    sa.Column("budget_id", sa.String),
    sa.Column("blocked", sa.Boolean, nullable=False, default=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("window_end_us", sa.BigInteger),
    sa.Column("spent_pusd", sa.BigInteger, nullable=False, default=0),
    sa.Column("held_pusd", sa.BigInteger, nullable=False, default=0),
    sa.Column("calls_held", sa.Integer, nullable=False, default=0),
    sa.Column("minute", sa.BigInteger, nullable=False, default=0),
    sa.Column("requests", sa.BigInteger, nullable=False, default=0),
    sa.Column("tokens", sa.BigInteger, nullable=False, default=0),
    sa.Column("requests_before", sa.BigInteger, nullable=False, default=0),
    sa.Column("tokens_before", sa.BigInteger, nullable=False, default=0),
    sa.Column("refused", sa.BigInteger, nullable=False, default=0),
    sa.Column("last_used_us", sa.BigInteger),
    sa.Column("last_client", sa.String),
)
"""Keys, users and teams alike: whatever has limits and spends. ``tokens`` and ``requests`` are those of ``minute``."""
keys = sa.Table(
    "gateway_keys",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("user_id", sa.String, index=True),
    sa.Column("team_id", sa.String, index=True),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("expires_us", sa.BigInteger),
    sa.Column("created_us", sa.BigInteger, nullable=False, index=True),
)
secrets = sa.Table(
    "gateway_secrets",
    metadata,
    sa.Column("prefix", sa.String, primary_key=True),
    sa.Column("key_id", sa.String, nullable=False, index=True),
    sa.Column("digest", sa.String, nullable=False),
    sa.Column("expires_us", sa.BigInteger),
    sa.Column("made_us", sa.BigInteger, nullable=False),
)
"""What opens a key: more than one while it is being rotated."""
members = sa.Table(
    "gateway_members",
    metadata,
    sa.Column("team_id", sa.String, primary_key=True),
    sa.Column("user_id", sa.String, primary_key=True, index=True),
    sa.Column("role", sa.String, nullable=False),
)
budgets = sa.Table(
    "gateway_budgets",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("limits", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)
"""Limits under a name, for many accounts."""
charges = sa.Table(
    "gateway_charges",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("accounts", sa.Text, nullable=False),
    sa.Column("amount_pusd", sa.BigInteger, nullable=False),
    sa.Column("tokens", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("boot", sa.String, nullable=False),
    sa.Column("made_mono_us", sa.BigInteger, nullable=False),
    sa.Column("made_us", sa.BigInteger, nullable=False),
)
"""Calls: ``held`` while under way, ``lost`` when nobody saw the end, ``settled`` until the ledger has booked it."""
changes = sa.Table(
    "gateway_changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("id", sa.String, nullable=False, index=True),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
    sa.Column("detail", sa.Text),
)
"""Who did what to a key, user, team or budget. Never a secret."""
