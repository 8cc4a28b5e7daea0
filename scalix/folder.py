"""The one folder in which a Scalix installation lives, and what lies where in it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "SCALIX_HOME"


@dataclass(frozen=True)
class Folder:
    """Paths below one Scalix folder. Nothing is created by naming it."""

    root: Path

    @property
    def spool(self) -> Path:
        """Segments written by collectors, one file per process."""
        return self.root / "spool"

    @property
    def archive(self) -> Path:
        """Ingested segments, compressed, kept until the lake holds their rows."""
        return self.root / "archive"

    @property
    def queries(self) -> Path:
        """Queries that people saved under a name."""
        return self.root / "queries"

    @property
    def ledger(self) -> Path:
        """The DuckDB database, opened by the hub alone."""
        return self.root / "scalix.duckdb"

    @property
    def lake(self) -> Path:
        """Parquet by ingest sequence and the small file of views, for everybody to read."""
        return self.root / "lake"

    @property
    def lake_views(self) -> Path:
        """The DuckDB file of views over the lake."""
        return self.lake / "scalix.duckdb"

    @property
    def control(self) -> Path:
        """The SQLite control store: job claims, keys, alert states."""
        return self.root / "control.sqlite"

    @property
    def snapshot(self) -> Path:
        """Statistics published for the routing core."""
        return self.root / "snapshot"

    @property
    def providers(self) -> Path:
        """The file of providers, groups of models and the cache, written by people."""
        return self.root / "providers.toml"


def default_folder() -> Folder:
    """The folder that ``SCALIX_HOME`` names, or ``~/.scalix``."""
    named = os.environ.get(HOME_VARIABLE)
    return Folder(Path(named).expanduser() if named else Path.home() / ".scalix")
