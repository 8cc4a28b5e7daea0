"""The hub's own backups: made when the newest has grown too old, kept by rule."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from analytics.backup.keeping import KeepingRule, newest_us, remove_superfluous
from analytics.backup.taking import take_backup
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from scalix.folder import Folder
    from scalix.settings import Settings

_log = logging.getLogger(__name__)


def back_up_when_due(folder: Folder, settings: Settings, *, now_us: int) -> int:
    """Back up, unless the newest backup is young enough or none are wanted. Returns files backed up.

    Raises StoreError.
    """
    if settings.backup_to is None:
        return 0
    into = settings.backup_to.expanduser()
    newest = newest_us(into)
    if newest is not None and now_us - newest < settings.backup_every_s * MICROSECONDS:
        return 0
    made = take_backup(folder, into, now_us=now_us)
    for damage in made.damage:
        _log.error("backed up as it was found, damaged: %s: %s", damage.file, damage.problem)
    remove_superfluous(into, keeping_rule(settings))
    return len(made.manifest.files)


def keeping_rule(settings: Settings) -> KeepingRule:
    """The rule as it is set."""
    return KeepingRule(
        latest=settings.backup_keep_latest,
        days=settings.backup_keep_days,
        weeks=settings.backup_keep_weeks,
        months=settings.backup_keep_months,
    )
