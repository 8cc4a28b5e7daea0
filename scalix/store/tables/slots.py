"""Claims on the slots of jobs."""

from __future__ import annotations

import sqlalchemy as sa

from scalix.store.tables.metadata import metadata

slots = sa.Table(
    "job_slots",
    metadata,
    sa.Column("job", sa.String, primary_key=True),
    sa.Column("slot_us", sa.BigInteger, primary_key=True),
    sa.Column("claimed_by", sa.String, nullable=False),
    sa.Column("claimed_us", sa.BigInteger, nullable=False),
)
