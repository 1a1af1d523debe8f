"""Messages leave in time, whatever happens to their rule, their incident, their channel or the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User

from apis.alerting import channels
from apis.alerting.channels import time_limit
from apis.alerting.channels.apprise import acceptance
from apis.alerting.incidents import incident_actions
from apis.alerting.models import Channel
from apis.alerting.rules import edits
from apis.alerting.rules.models import Rule
from apis.probing.models import Probe
from tests.alerting.channels.test_time_limit import message
from tests.alerting.conftest import NOON, ran
from tests.alerting.rules.test_rules import default, fails
from tests.alerting.sending.test_held_messages import HOUR, MINUTE, QUIET, arrived, do
from tests.outbound.hosts import Host, trickling
from tests.support.sinks import Give, HttpSink

__all__ = ["arrived", "default", "do"]
type Arrived = Callable[[datetime], int]
type Do = Callable[..., Any]


@pytest.mark.parametrize("values", [{"enabled": False}, {"reminder": 0}])
def test_a_held_reminder_of_a_rule_that_reminds_no_more(
    probe: Probe, arrived: Arrived, default: Rule, do: Do, values: dict[str, Any]
) -> None:
    edits.change_rule(None, default, QUIET | {"reminder": 3600, "quiet_from": "13:00"})
    fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 1
    assert arrived(NOON + 2 * HOUR) == 0
    do(NOON + 3 * HOUR, edits.change_rule, None, default, values)
    assert arrived(NOON + 9 * HOUR) == 0


def test_a_message_that_failed_after_quiet_hours_and_a_clock_that_is_set_back(
    probe: Probe, arrived: Arrived, default: Rule, inbox: HttpSink
) -> None:
    edits.change_rule(None, default, QUIET)
    fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 0
    inbox.answer = lambda got: Give(500)
    arrived(NOON + 8 * HOUR)
    inbox.answer = lambda got: Give(204)
    assert arrived(NOON - 4 * HOUR) == 1


def test_a_released_message_and_a_clock_that_is_set_back(probe: Probe, arrived: Arrived, default: Rule, do: Do) -> None:
    edits.change_rule(None, default, QUIET)
    fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 0
    do(NOON + 3 * HOUR, edits.change_rule, None, default, {"quiet_from": None, "quiet_until": None})
    assert arrived(NOON + 2 * HOUR) == 1


def test_a_delay_that_is_made_shorter(probe: Probe, arrived: Arrived, default: Rule, do: Do) -> None:
    edits.change_rule(None, default, {"delay": 8 * 3600})
    fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 0
    do(NOON + 10 * MINUTE, edits.change_rule, None, default, {"delay": 3600})
    assert arrived(NOON + 30 * MINUTE) == 0
    assert arrived(NOON + HOUR + MINUTE) == 1


def test_reminders_go_on_when_the_clock_is_set_back(probe: Probe, arrived: Arrived, default: Rule) -> None:
    edits.change_rule(None, default, {"reminder": 3600})
    fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 1
    back = NOON - 48 * HOUR
    assert [arrived(back + n * 10 * MINUTE) for n in range(14)] == [1, *[0] * 5, 1, *[0] * 5, 1, 0]


def test_the_recovery_of_a_snoozed_incident(
    probe: Probe, arrived: Arrived, default: Rule, do: Do, editor: User
) -> None:
    incident = fails(probe)
    assert arrived(NOON + 2 * MINUTE) == 1
    do(NOON + 4 * MINUTE, incident_actions.snooze, incident, editor, NOON + 7 * 24 * HOUR)
    ran(probe, True, at=NOON + HOUR)
    assert arrived(NOON + HOUR) == 1


def test_a_channel_that_drips_blocks_no_other(
    inbox: HttpSink, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_limit, "LIMIT_S", 0.3)
    acceptance.accept(None)
    with Host(trickling) as host:
        drips, works = (_apprise(name, url) for name, url in (("drips", host.url), ("works", inbox.url)))
        errors = [channels.kind_of(drips).send(drips, message()).error for _ in range(time_limit.MOST_ABANDONED + 1)]
        assert all(errors)
        assert not channels.kind_of(works).send(works, message()).error


def _apprise(name: str, url: str) -> Channel:
    return channels.create(None, "apprise", name, url=f"json://{url.removeprefix('http://')}/x")
