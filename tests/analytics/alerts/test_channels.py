"""What each kind of channel is sent, at a real receiver; and what of a channel is never shown."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.alerts import channels, log
from analytics.alerts.delivery import deliver_due
from analytics.alerts.firing import settle
from analytics.alerts.payloads.summary import facts_text
from analytics.alerts.rules import Rule
from analytics.alerts.watchers import budgets
from analytics.budgets.definitions import Budget, Threshold
from analytics.budgets.spent import Spent
from analytics.budgets.state import BudgetState
from scalix.errors import SettingsError
from tests.analytics.alerts.mail_sink import MailSink
from tests.analytics.alerts.receiver import SECRET, Receiver
from tests.attempt_rows import NOON, after_noon

if TYPE_CHECKING:
    from analytics.alerts.states import Finding
    from scalix.store.control import ControlStore

NASTY = "<!channel> *bold* [here](http://evil.example) @everyone"
RULE = Rule(name="budget", kind="budget")


def crossing(*, spent: str = "9", name: str = NASTY, **fields: Any) -> list[Finding]:
    budget = Budget(
        name=name,
        amount_usd=Decimal(10),
        window="day",
        scope={"team": "search"},
        thresholds=(Threshold(80), Threshold(100, "block")),
        **fields,
    )
    start, end = after_noon(hours=-12), after_noon(hours=12)
    return budgets.findings(RULE, [BudgetState(budget, NOON, start, end, Spent(3, 0, Decimal(spent)), {})])


def told(control: ControlStore, findings: list[Finding], rule: Rule = RULE) -> None:
    settle(control, rule, findings, now_us=1_700_000_000_000_000)
    deliver_due(control, allow_private=True)


def test_slack_gets_blocks_in_which_nothing_is_marked_up(control: ControlStore, plain_receiver: Receiver) -> None:
    channels.add(control, "chat", plain_receiver.url, kind="slack")
    told(control, crossing())
    (body,) = plain_receiver.bodies
    assert body["text"].endswith("has reached 80%")
    header, section = body["blocks"]
    assert (header["type"], header["text"]["type"]) == ("header", "plain_text")
    assert "&lt;!channel&gt;" in body["text"]
    assert {"type": "mrkdwn", "text": "*amount usd*\n10.00"} in section["fields"]


def test_teams_gets_an_adaptive_card(control: ControlStore, plain_receiver: Receiver) -> None:
    channels.add(control, "chat", plain_receiver.url, kind="teams")
    told(control, crossing())
    (body,) = plain_receiver.bodies
    (attachment,) = body["attachments"]
    assert (body["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    title, facts = attachment["content"]["body"]
    assert r"\[here\]\(http://evil.example\)" in title["text"].replace(r"\:", ":")
    assert {"title": "team", "value": "search"} in facts["facts"]


def test_discord_mentions_nobody(control: ControlStore, plain_receiver: Receiver) -> None:
    channels.add(control, "chat", plain_receiver.url, kind="discord")
    told(control, crossing())
    (body,) = plain_receiver.bodies
    assert body["allowed_mentions"] == {"parse": []}
    assert r"\@everyone" in body["content"]
    assert len(body["embeds"]) == 1


def test_what_was_found_is_rounded_and_the_most_telling_comes_first() -> None:
    facts = {
        "bad_events": 412,
        "burn_rate": 10.112359550561797,
        "error_budget_left": -0.6073030858658861,
        "events": 51234,
        "fires_from": 14.4,
        "measure": "availability",
        "rule": "objective",
    }
    assert facts_text(facts) == ["burn rate 10.11", "error budget left -0.6073", "bad events 412", "events 51234"]
    assert facts_text({"spent_usd": "0.000013000000", "score": 4.0}) == ["spent usd 0.000013", "score 4"]


def test_pagerduty_triggers_and_resolves_one_incident(control: ControlStore, plain_receiver: Receiver) -> None:
    channels.add(control, "pager", plain_receiver.url, kind="pagerduty", secret="R0UT1NGKEY")
    told(control, crossing(spent="10"))
    told(control, [])
    events = plain_receiver.bodies
    assert [event["event_action"] for event in events] == ["trigger", "trigger", "resolve", "resolve"]
    assert {event["routing_key"] for event in events} == {"R0UT1NGKEY"}
    assert len({event["dedup_key"] for event in events}) == 2
    assert {event["payload"]["severity"] for event in events[:2]} == {"warning", "critical"}
    assert events[0]["payload"]["custom_details"]["spent usd"] == "10.00"


def test_pagerduty_gets_an_event_for_each_alert_of_a_group(control: ControlStore, plain_receiver: Receiver) -> None:
    channels.add(control, "pager", plain_receiver.url, kind="pagerduty", secret="R0UT1NGKEY")
    grouping = Rule(name="budget", kind="budget", group=True)
    told(control, [*crossing(name="a"), *crossing(name="b")], grouping)
    assert len({event["dedup_key"] for event in plain_receiver.bodies}) == 2


def test_litellms_shape_is_signed_and_flat(control: ControlStore, receiver: Receiver) -> None:
    channels.add(control, "old", receiver.url, kind="litellm", secret=SECRET)
    told(control, crossing(spent="9"))
    (body,) = receiver.bodies
    assert (body["event"], body["event_group"]) == ("threshold_crossed", "team")
    assert (body["spend"], body["max_budget"], body["team_id"]) == (9.0, 10.0, "search")


def test_mail_goes_out_through_apprise(control: ControlStore) -> None:
    sink = MailSink()
    url = f"mailto://someone:secretpassword@127.0.0.1:{sink.port}/?smtp=127.0.0.1&mode=insecure&from=a@b.example&to=c@d.example"
    channels.add(control, "mail", url)
    told(control, crossing(name="all"))
    (mail,) = sink.mails
    sink.close()
    assert mail["subject"] == "Scalix: budget all has reached 80%"
    body = mail.get_body(("plain", "html"))
    assert body is not None
    assert "amount usd: 10" in body.get_content()
    assert log.messages(control)[0]["state"] == "delivered"


def test_apprise_may_not_reach_inside_either(control: ControlStore) -> None:
    channels.add(control, "inside", "json://127.0.0.1:1/x?token=hidden")
    settle(control, RULE, crossing(), now_us=1_700_000_000_000_000)
    assert deliver_due(control, allow_private=False) == 0
    assert "inside this network" in log.messages(control)[0]["error"]
    assert deliver_due(control, allow_private=True) == 0
    assert "hidden" not in str(log.messages(control)) + str(channels.all_channels(control))


@pytest.mark.parametrize("kind", ["slack", "teams", "discord", "pagerduty", "webhook", "litellm"])
def test_a_test_message_reaches_each_kind(
    control: ControlStore, receiver: Receiver, plain_receiver: Receiver, kind: channels.Kind
) -> None:
    target = receiver if kind in channels.SIGNED else plain_receiver
    channels.add(control, "c", target.url, kind=kind, secret=SECRET)
    assert channels.test(control, "c", allow_private=True).delivered
    assert len(target.seen) == (2 if kind == "pagerduty" else 1)
    assert SECRET not in repr(channels.all_channels(control))
    with pytest.raises(SettingsError, match="no channel else"):
        channels.test(control, "else", allow_private=True)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"),
        ("https://events.pagerduty.com/v2/enqueue", "pagerduty"),
        ("https://example.com/hook", "webhook"),
        ("https://notdiscord.com/hook", "webhook"),
        ("mailto://a:b@example.com", "apprise"),
    ],
)
def test_the_url_tells_what_kind_of_channel_it_is(url: str, kind: str) -> None:
    assert channels.kind_of(url) == kind


def test_what_is_no_channel_is_refused(control: ControlStore) -> None:
    with pytest.raises(SettingsError, match="routing key"):
        channels.add(control, "p", "", kind="pagerduty")
    with pytest.raises(SettingsError, match="http or https"):
        channels.add(control, "w", "example.com", kind="webhook")
    with pytest.raises(SettingsError, match="whsec_"):
        channels.add(control, "w", "https://example.com", secret="not base64!")
    for url, shown in (("notaurl", "'notaurl'"), ("", "''"), ("pigeon://loft/hidden", "pigeon://…")):
        with pytest.raises(SettingsError, match="is no URL that apprise knows: give https://") as caught:
            channels.add(control, "w", url)
        assert str(caught.value).startswith(shown)
        assert "hidden" not in str(caught.value)
    assert channels.all_channels(control) == []
    channels.add(control, "w", "https://example.com")
    with pytest.raises(SettingsError, match="already"):
        channels.add(control, "w", "https://example.com")
