"""`scalix backup`, `scalix restore` and `scalix check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scalix.cli.options import FolderOption, JsonOption, chosen_folder
from scalix.cli.progress import progress
from scalix.times import now_us

if TYPE_CHECKING:
    from analytics.integrity.damage import Checked, Damage

IntoArgument = Annotated[Path, typer.Argument(help="Folder of backups; each gets a folder of its own in it.")]
FromArgument = Annotated[Path, typer.Argument(help="A backup, or a folder of backups, of which the newest is taken.")]


def backup(
    into: IntoArgument,
    *,
    prune: Annotated[bool, typer.Option(help="Afterwards remove what the backup_keep settings do not keep.")] = False,
    folder: FolderOption = None,
    json_output: JsonOption = False,
) -> None:
    """Back up lake, segments and control store, whether the hub runs or not. Exits with 1 when something is damaged."""
    from analytics.backup.keeping import remove_superfluous  # noqa: PLC0415 - heavy
    from analytics.backup.schedule import keeping_rule  # noqa: PLC0415 - heavy
    from analytics.backup.taking import take_backup  # noqa: PLC0415 - heavy
    from scalix.settings import load  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    rule = keeping_rule(load(place))
    with progress("copying", quiet=json_output) as note:
        made = take_backup(place, into.expanduser(), now_us=now_us(), note=note)
    removed = remove_superfluous(into.expanduser(), rule) if prune else 0
    manifest = made.manifest
    answer = {
        "backup": str(made.path),
        "files": len(manifest.files),
        "bytes": manifest.bytes,
        "copied_bytes": made.copied_bytes,
        "counts": manifest.counts,
        "removed": removed,
        "damage": [_damage(one) for one in made.damage],
    }
    text = (
        f"backed up {len(manifest.files):,} files, {manifest.bytes:,} bytes ({made.copied_bytes:,} of them new), "
        f"{manifest.counts['attempts']:,} attempts in the lake, {manifest.counts['lines']:,} lines in segments: "
        f"{made.path}"
    )
    typer.echo(json.dumps(answer) if json_output else "\n".join([text, *map(_damage_line, made.damage)]))
    raise typer.Exit(1 if made.damage else 0)


def restore(
    source: FromArgument,
    *,
    damaged_too: Annotated[bool, typer.Option(help="Restore a damaged backup without its damaged files.")] = False,
    folder: FolderOption = None,
    json_output: JsonOption = False,
) -> None:
    """Put a backup back and rebuild the ledger from it and the segments that are there. The hub must not run."""
    from analytics.backup.restoring import restore_backup  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    with progress("restoring", quiet=json_output) as note:
        done = restore_backup(source.expanduser(), place, now_us=now_us(), damaged_too=damaged_too, note=note)
    answer = {
        "backup": str(done.backup),
        "attempts": done.attempts,
        "attempts_in_backup": done.manifest.counts["attempts"],
        "set_aside": [str(path) for path in done.set_aside],
        "left_out": list(done.left_out),
    }
    lines = [f"restored {done.backup} to {place.root}: {done.attempts:,} attempts"]
    lines += [f"set aside: {path}" for path in done.set_aside]
    lines += [f"left out, damaged: {name}" for name in done.left_out]
    typer.echo(json.dumps(answer) if json_output else "\n".join(lines))


def check(folder: FolderOption = None, json_output: JsonOption = False) -> None:
    """Read every store in full and name what is damaged. Exits with 1 when anything is."""
    from scalix.cli.checking import check_stores  # noqa: PLC0415 - heavy

    place = chosen_folder(folder)
    with progress("reading", quiet=json_output) as note:
        found = check_stores(place, note)
    damaged = any(one.damage for one in found)
    if json_output:
        typer.echo(json.dumps({"sound": not damaged, "stores": [one.as_dict() for one in found]}))
    else:
        typer.echo("\n".join(line for one in found for line in _lines(one)))
    raise typer.Exit(1 if damaged else 0)


def _lines(checked: Checked) -> list[str]:
    counted = ", ".join(f"{name} {number:,}" for name, number in checked.counted.items())
    state = "not checked" if checked.skipped else "DAMAGED" if checked.damage else "sound"
    return [f"{checked.store}: {state}: {checked.skipped or counted}", *map(_damage_line, checked.damage)]


def _damage_line(damage: Damage) -> str:
    return f"  {damage.file}: {damage.problem}"


def _damage(damage: Damage) -> dict[str, Any]:
    return {"store": damage.store, "file": damage.file, "problem": damage.problem}
