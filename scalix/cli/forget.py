"""`scalix forget`: take one person out of everything that is kept, and prove it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from scalix.cli.options import FolderOption, JsonOption, chosen_folder


def forget(
    user: Annotated[str, typer.Argument(help="The user id or end user under which calls were recorded.")],
    *,
    erase: Annotated[bool, typer.Option(help="Leave no pseudonym either: the calls become nobody's.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be undone.")] = False,
    json_output: JsonOption = False,
    folder: FolderOption = None,
) -> None:
    """Take a person out of ledger, segments, lake and control store, while no hub runs. Exits with 1 if any is left."""
    from analytics.forgetting.forget import forget as forget_person  # noqa: PLC0415 - heavy
    from analytics.forgetting.known import refuse_no_folder, refuse_nobody  # noqa: PLC0415 - heavy
    from analytics.forgetting.names import person  # noqa: PLC0415 - heavy
    from analytics.forgetting.proof import traces  # noqa: PLC0415 - heavy

    place, whom = chosen_folder(folder), person(user)
    refuse_no_folder(place)
    refuse_nobody(place, whom)
    if not yes:
        typer.confirm(f"Forget {user} in {place.root}, for good? Backups elsewhere are not touched", abort=True)
    changed = forget_person(place, whom, erase=erase)
    searched, found = traces(place, whom)
    left = {str(trace.path): trace.mentions for trace in found}
    pseudonym = None if erase else whom.pseudonym
    told = {"pseudonym": pseudonym, "changed": changed, "files_searched": searched, "left": left}
    typer.echo(json.dumps(told) if json_output else _text(pseudonym, changed, searched, left))
    raise typer.Exit(1 if left else 0)


def _text(pseudonym: str | None, changed: dict[str, int], searched: int, left: dict[str, int]) -> str:
    lines = [f"{store}: {count} changed" for store, count in changed.items()]
    lines += [f"known as {pseudonym} from now on"] if pseudonym else []
    lines += [f"still in {path}: {count} times" for path, count in left.items()]
    return "\n".join([*lines, f"{searched} files searched, the name found in {len(left)}"])
