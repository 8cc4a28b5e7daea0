"""Every setting of the hub, declared once: name, default, one line of documentation.

A setting comes from the environment (``SCALIX_PORT``), else from ``scalix.toml`` in the Scalix folder
(``port = …``), else from its default. The collector's few settings are not here: it must not import pydantic.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scalix.folder import Folder

PREFIX = "SCALIX_"
FILE_NAME = "scalix.toml"
OTHER_VARIABLES = frozenset(
    {
        "SCALIX_HOME",
        "SCALIX_SPOOL",
        "SCALIX_RECORD_CONTENT",
        "SCALIX_METADATA_KEYS",
        "SCALIX_SEGMENT_BYTES",
        "SCALIX_NATIVE",
        "SCALIX_PRO_API_KEY",
        "SCALIX_PRO_ENGINE_URL",
        "SCALIX_PRO_GATEWAY_URL",
        "SCALIX_SOAK",
        "SCALIX_FAIL_AT",
    }
)
"""Variables read elsewhere: the folder's, the collector's, Scalix Pro's, and the switches of tests."""


class Settings(BaseSettings):
    """What the hub can be told. Durations are seconds, sizes bytes."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, use_attribute_docstrings=True, env_ignore_empty=True
    )

    host: str = "127.0.0.1"
    """Address to listen on; any but a loopback address needs `password` or `secrets_file`."""
    port: int = Field(default=8510, ge=0, le=65535)
    """Port of the dashboard and the HTTP API; 0 takes a free one."""
    password: SecretStr | None = None
    """Password that the dashboard and the HTTP API ask for; it makes an admin of whoever gives it."""
    operator_password: SecretStr | None = None
    """Password of those who may block and rotate keys, and see everything; needs `password`."""
    viewer_password: SecretStr | None = None
    """Password of those who may only look; needs `password`."""
    admins: str = ""
    """E-mail addresses, separated by commas, of admins among those who sign in with the OIDC provider."""
    operators: str = ""
    """E-mail addresses of operators, as for `admins`."""
    viewers: str = ""
    """E-mail addresses of the others who may enter, as for `admins`; without any, whoever can sign in."""
    secrets_file: Path | None = None
    """Streamlit secrets file whose `[auth]` section names an OIDC provider for signing in."""
    control_url: SecretStr | None = None
    """URL of the control store, such as `postgresql+psycopg://user@host/scalix`; by default SQLite in the folder."""
    ingest_token: SecretStr | None = None
    """Bearer token of `scalix ship`, LiteLLM's generic_api callback and OTLP exporters; without one nobody may send."""
    read_token: SecretStr | None = None
    """Bearer token good for reading alone: `/v1/sql`, `/v1/metrics`, `/v1/health`. With it, reading needs a token."""
    admin_token: SecretStr | None = None
    """Bearer token good for everything that the HTTP API can do."""
    sql_readers: int = Field(default=0, ge=0, le=64)
    """Processes that answer SQL of people at the same time; 0 is one for each core, two at least."""
    sql_time_limit_s: float = Field(default=30.0, gt=0)
    """Longest that one query of people may take, its answer's transfer included."""
    sql_memory_bytes: int = Field(default=2**30, ge=2**28)
    """Most memory that one of them may take."""
    sql_max_rows: int = Field(default=1_000_000, ge=1)
    """Most rows of one answer over HTTP."""
    sql_max_bytes: int = Field(default=256 * 2**20, ge=2**16)
    """Most bytes of one answer over HTTP."""
    ingest_interval_s: float = Field(default=0.5, gt=0, le=60)
    """Pause between two readings of the spool."""
    close_open_after_s: float = Field(default=900.0, gt=0)
    """Silence after which an attempt left open is closed as cancelled or abandoned."""
    ship_max_bytes: int = Field(default=8 * 2**20, ge=1024)
    """Largest body that `scalix ship` may send at once."""
    ingest_max_bytes: int = Field(default=32 * 2**20, ge=1024)
    """Largest body, inflated, that LiteLLM's generic_api callback or an OTLP exporter may send at once."""
    lake_tail_s: float = Field(default=0.5, gt=0)
    """How often new rows are published to the lake."""
    lake_part_s: float = Field(default=60.0, gt=0)
    """How often the newest files of the lake are merged into one."""
    lake_grace_s: float = Field(default=120.0, gt=0)
    """How long files that were merged away stay readable for queries already running."""
    archive_max_bytes: int = Field(default=2 * 2**30, ge=0)
    """Most bytes of ingested segments kept in the archive; the oldest go first."""
    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://[^/\s]+")
    """Base URL of an OTLP/HTTP receiver that attempts are sent to as GenAI spans and metrics; without one, none are."""
    otlp_headers: SecretStr | None = None
    """Headers for it, as `name=value,name=value`."""
    otlp_interval_s: float = Field(default=10.0, gt=0)
    """How often new attempts are sent there."""
    keep_attempts_days: int = Field(default=0, ge=0)
    """For how many days the ledger keeps single attempts; 0 keeps them for ever."""
    keep_lake_days: int = Field(default=0, ge=0)
    """For how many days the lake keeps single attempts; 0 keeps them for ever."""
    keep_minutes_days: int = Field(default=90, ge=0)
    """For how many days sums by the minute are kept; 0 keeps them for ever."""
    keep_hours_days: int = Field(default=0, ge=0)
    """For how many days sums by the hour are kept; 0 keeps them for ever."""
    keep_days_days: int = Field(default=0, ge=0)
    """For how many days sums by the day are kept; 0 keeps them for ever."""
    backup_to: Path | None = None
    """Folder that the hub backs up to by itself; best on another disk. Without one it makes no backups."""
    backup_every_s: float = Field(default=86400.0, ge=60)
    """How old the newest backup may grow before the hub makes the next."""
    backup_keep_latest: int = Field(default=3, ge=1)
    """How many of the newest backups are kept."""
    backup_keep_days: int = Field(default=7, ge=0)
    """For how many days the last backup of each is kept."""
    backup_keep_weeks: int = Field(default=4, ge=0)
    """For how many weeks the last backup of each is kept."""
    backup_keep_months: int = Field(default=12, ge=0)
    """For how many months the last backup of each is kept."""
    memory_limit: str = Field(default="2GB", pattern=r"^\d+(\.\d+)?\s?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$")
    """Most memory that DuckDB takes for queries."""
    threads: int | None = Field(default=None, ge=1)
    """Threads that DuckDB uses; by default one per core."""
    allow_private_webhooks: bool = False
    """Whether alerts may go to addresses inside this network, the machine's own among them."""
    refresh_s: float = Field(default=2.0, gt=0)
    """How often an open page refreshes itself."""
    gateway_longest_call_s: float = Field(default=600.0, gt=0, le=3600)
    """Longest that the gateway lets a call take, its stream included."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe messages that the hub logs."""

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


@dataclass(frozen=True)
class SettingRow:
    """One line of the settings table in the documentation."""

    name: str
    variable: str
    default: str
    doc: str


def load(folder: Folder) -> Settings:
    """Settings of one folder. Raises SettingsError naming the key or value at fault."""
    values = _file_values(folder.root / FILE_NAME)
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        places = f"{PREFIX}{name.upper()} or {name} in {folder.root / FILE_NAME}"
        raise SettingsError(f"setting {name}: {first['msg']}; correct {places}") from None


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """One sentence per ``SCALIX_`` variable that nothing reads, with the nearest name that something does.

    They are reported and not refused: orchestrators inject variables of their own under a service's name.
    """
    known = OTHER_VARIABLES | {PREFIX + name.upper() for name in Settings.model_fields}
    named = sorted(key for key in environment if key.startswith(PREFIX) and key not in known)
    return [f"variable {name} is not a setting{_nearest(name, known)}" for name in named]


def settings_table() -> list[SettingRow]:
    """Every setting with its variable, default and documentation, in order of declaration."""
    return [
        SettingRow(
            name,
            PREFIX + name.upper(),
            "none" if field.default is None else str(field.default),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _file_values(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    for key in values:
        if key not in Settings.model_fields:
            raise SettingsError(f"{path}: unknown setting {key}{_nearest(key, Settings.model_fields)}")
    return values


def _nearest(name: str, known: Iterable[str]) -> str:
    matches = get_close_matches(name, list(known), n=1)
    return f"; did you mean {matches[0]}?" if matches else ""
