"""What fires, by which rules, who asked for silence, where messages go, and every attempt to deliver one."""

from __future__ import annotations

import sqlalchemy as sa

from scalix.store.tables.metadata import metadata

rules = sa.Table(
    "alert_rules",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("changed_us", sa.BigInteger, nullable=False),
)
alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("rule", sa.String, primary_key=True),
    sa.Column("subject", sa.String, primary_key=True),
    sa.Column("threshold", sa.String, primary_key=True),
    sa.Column("window_us", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("since_us", sa.BigInteger, nullable=False),
    sa.Column("tellings", sa.Integer, nullable=False),
    sa.Column("told_us", sa.BigInteger),
    sa.Column("facts", sa.Text, nullable=False),
)
alert_history = sa.Table(
    "alert_history",
    metadata,
    sa.Column("at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("threshold", sa.String, nullable=False),
    sa.Column("window_us", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("message_id", sa.String),
)
silences = sa.Table(
    "alert_silences",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("from_us", sa.BigInteger, nullable=False),
    sa.Column("until_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text),
)
channels = sa.Table(
    "alert_channels",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("disabled_because", sa.Text),
)
outbox = sa.Table(
    "alert_outbox",
    metadata,
    sa.Column("message_id", sa.String, primary_key=True),
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("next_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
)
deliveries = sa.Table(
    "alert_deliveries",
    metadata,
    sa.Column("message_id", sa.String, nullable=False, index=True),
    sa.Column("channel", sa.String, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("duration_us", sa.BigInteger, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.Text),
)
