"""Having a query watched: it becomes a rule of the alerts, through the control store of this process."""

from __future__ import annotations

from analytics.alerts.channels import all_channels
from analytics.alerts.rules import Rule, all_rules, keep
from analytics.alerts.watchers.saved_sql import refuse_unparsable
from analytics.asking.desk import own_queries
from analytics.reading import control_here
from scalix.errors import SettingsError


def channel_names() -> list[str]:
    """Where alerts can go. Raises StoreError."""
    return [channel.name for channel in all_channels(control_here())]


def watch(rule: Rule) -> None:
    """Keep a new rule. Raises SettingsError when there is one of its name or it cannot be, StoreError."""
    control = control_here()
    if rule.name in {one.name for one in all_rules(control)}:
        raise SettingsError(f"there is a rule {rule.name} already: choose another name")
    refuse_unparsable(rule, own_queries())
    keep(control, rule)
