"""The reference pages that are made from the code: settings, commands, and the schema of the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from docs.schema import schema_page
from scalix.cli.app import app
from scalix.settings import settings_table

if TYPE_CHECKING:
    from collections.abc import Callable

NOTICE = "<!-- Made by `python -m docs.check --write`; edits are overwritten. -->\n\n"
COLLECTOR = """\
## The collector

The collector runs in your application and reads these variables when `scalix.install()` is called.

| variable | default | meaning |
|---|---|---|
| `SCALIX_HOME` | `~/.scalix` | the folder of this installation; the spool lies in it |
| `SCALIX_SPOOL` | `spool` in the folder | where segments are written instead |
| `SCALIX_SEGMENT_BYTES` | 67108864 | size at which a segment is closed and the next begun |
| `SCALIX_METADATA_KEYS` | none | metadata keys to record beside `scalix_user` and `scalix_pro`, comma-separated |
| `SCALIX_RECORD_CONTENT` | off | record prompts and answers |
| `SCALIX_NATIVE` | on | 0 does without the compiled module; set while installing, it is not compiled |
"""
PROVIDERS = """
## Providers

Read in your application by `scalix.router()` and `scalix.scalix_pro`, and in the gateway.

| variable | default | meaning |
|---|---|---|
| `SCALIX_PRO_API_KEY` | none | key for Scalix Pro; begins with `scalix_` |
| `SCALIX_PRO_ENGINE_URL` | none | base URL of Scalix Pro's Engine |
| `SCALIX_PRO_GATEWAY_URL` | none | base URL of Scalix Pro's Gateway |
| `ENABLE_LITELLM` | on | off means legacy mode, as `USE_LEGACY_AI` does |
| `USE_LEGACY_AI` | off | legacy mode: one provider answers, past routing, caching and retries |
| `ENABLE_LITELLM_PROXY` | off | `scalix.router()` sends all calls to the LiteLLM Proxy at `LITELLM_BASE_URL` |
| `LITELLM_BASE_URL` | none | address of that Proxy |
| `LITELLM_API_KEY` | none | key for that Proxy |
| `REDIS_URL` | none | Redis that a cache of type `redis` uses |

Keys and addresses of other providers are in [How to configure providers](../how-to/configure-providers.md).
"""


def settings_page() -> str:
    """Every setting of the hub and the collector."""
    rows = [
        f"| `{row.name}` | `{row.variable}` | `{row.default}` | {row.doc.replace(chr(10), ' ')} |"
        for row in settings_table()
    ]
    head = (
        "# Settings\n\n## The hub\n\nA setting comes from the environment, else from `scalix.toml` in the Scalix"
        " folder, else from its default.\nDurations are seconds, sizes bytes."
        " An unknown key in the file is refused.\n\n"
        "| setting | variable | default | meaning |\n|---|---|---|---|\n"
    )
    return NOTICE + head + "\n".join(rows) + "\n\n" + COLLECTOR + PROVIDERS


def _command_section(path: str, command: typer.core.TyperCommand) -> str:
    lines = [f"## {path}", "", (command.help or "").strip(), ""]
    options = [parameter for parameter in command.params if parameter.name != "help"]
    if options:
        lines += ["| argument or option | meaning |", "|---|---|"]
    for parameter in options:
        record = parameter.get_help_record(typer.Context(command))
        name, meaning = record or (parameter.human_readable_name, "")
        lines.append(f"| `{name.replace('|', '&#124;')}` | {meaning.replace('|', '&#124;')} |")
    return "\n".join(lines).rstrip() + "\n"


def commands_page() -> str:
    """Every command of the console script with its options."""
    root = typer.main.get_command(app)
    sections = []
    for name, command in sorted(getattr(root, "commands", {}).items()):
        for inner, nested in sorted(getattr(command, "commands", {}).items()) or [("", command)]:
            sections.append(_command_section(f"scalix {name} {inner}".rstrip(), nested))
    return NOTICE + "# Commands\n\n" + "\n".join(sections)


def lake_page() -> str:
    """Every view, column and macro of the lake."""
    return NOTICE + schema_page()


GENERATED: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "schema.md": lake_page,
}
