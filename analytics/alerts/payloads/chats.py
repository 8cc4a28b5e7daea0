"""Cards for Slack, Microsoft Teams and Discord. What comes from outside is escaped: it mentions nobody, links nowhere.

Shapes: Slack's blocks (https://docs.slack.dev/reference/block-kit), an Adaptive Card as Teams' Workflows take it
(https://adaptivecards.io), Discord's execute-webhook (https://discord.com/developers/docs/resources/webhook).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.alerts.payloads.summary import Summary

_MARKS = {"critical": "🔴", "error": "🟠", "warning": "🟡", "info": "🔵"}
_COLOURS = {"critical": 0xD92D20, "error": 0xE5484D, "warning": 0xB8860B, "info": 0x3B82F6}
_RESOLVED = 0x12986F
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|>~<@-])")
_MOST_HEADER = 150
_MOST_FIELDS = 10
_MOST_EMBEDS = 10
_MOST_CONTENT = 2000


def slack(alerts: list[Summary]) -> dict[str, Any]:
    """Text for notifications, blocks for the channel."""
    blocks: list[dict[str, Any]] = []
    for one in alerts:
        header = {"type": "plain_text", "text": _marked(one)[:_MOST_HEADER]}
        blocks.append({"type": "header", "text": header})
        fields = [{"type": "mrkdwn", "text": f"*{_slack(name)}*\n{_slack(value)}"} for name, value in one.facts]
        if fields:
            blocks.append({"type": "section", "fields": fields[:_MOST_FIELDS]})
    return {"text": _slack("\n".join(map(_marked, alerts))), "blocks": blocks[:50]}


def teams(alerts: list[Summary]) -> dict[str, Any]:
    """A message with one Adaptive Card, which is what a Workflow's webhook takes."""
    body: list[dict[str, Any]] = []
    for one in alerts:
        colour = "Good" if not one.firing else "Attention" if one.severity in {"critical", "error"} else "Warning"
        title = {"type": "TextBlock", "text": _markdown(one.title), "weight": "Bolder", "wrap": True, "color": colour}
        facts = [{"title": _markdown(name), "value": _markdown(value)} for name, value in one.facts]
        body += [title, {"type": "FactSet", "facts": facts}]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def discord(alerts: list[Summary]) -> dict[str, Any]:
    """A line for each alert, and an embed with its facts; mentions are off."""
    embeds = [
        {
            "title": _markdown(one.title)[:256],
            "color": _COLOURS.get(one.severity, 0) if one.firing else _RESOLVED,
            "fields": [
                {"name": _markdown(name)[:256], "value": _markdown(value)[:1024], "inline": True}
                for name, value in one.facts
            ],
        }
        for one in alerts[:_MOST_EMBEDS]
    ]
    content = "\n".join(_markdown(_marked(one)) for one in alerts)[:_MOST_CONTENT]
    return {"content": content, "embeds": embeds, "allowed_mentions": {"parse": []}}


def _marked(one: Summary) -> str:
    return f"{_MARKS.get(one.severity, '') if one.firing else '🟢'} {one.title}".strip()


def _slack(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)
