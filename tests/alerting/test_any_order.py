"""Results, people, rules, deletions and clocks in any order: incidents are true, and messages leave when they may.

A model in plain Python (`alert_model`) says what has to hold after every step: an incident is open exactly while its
cause is; no message leaves in quiet hours, a snooze or maintenance; none is forgotten after them; reminders come while
the incident is not acknowledged, and not more often than their rule says.

Each run tries the same examples. For more: ALERT_EXAMPLES=1000 pytest tests/alerting/test_any_order.py
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from apis.alerting import channels
from apis.alerting.incidents import incident_actions, incidents, reminders
from apis.alerting.models import Channel, Delivery, Incident
from apis.alerting.rules import edits
from apis.alerting.rules.models import Maintenance, Rule
from apis.alerting.sending import deliveries, outbox
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Flip, Probe
from apis.probing.runs import runner
from apis.probing.runs.calls import Outcome
from tests.alerting import alert_model as model
from tests.alerting.conftest import ALLOWED, BLOCKED
from tests.support.sinks import HttpSink

EXAMPLES = int(os.environ.get("ALERT_EXAMPLES", 12))
STEPS = 8
BEGIN = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PICK = st.integers(0, 11)
"""Which of those that there are, or of a few ways: taken modulo their number."""
LENGTHS = [5 * MINUTE, HOUR, 9 * HOUR]
WAITS = [timedelta(), None, None, 10 * MINUTE, 31 * MINUTE, 2 * HOUR, 26 * HOUR, -3 * HOUR, -26 * HOUR]
"""None: until about the end of something. What is negative sets the clock back."""
RESULTS = {"fail": (False, False), "recover": (True,) * 5, "fail once": (False,), "pass once": (True,)}
DELETIONS = ["delete_a_probe", "switch_a_probe", "lose_or_find_an_api"]
ACTIONS = {
    "add_maintenance": 4, "snooze": 4, "defer_in_quiet_hours": 3, "drop_in_quiet_hours": 1,
    "end_maintenance": 2, "end_quiet_hours": 1, "wake": 1, "acknowledge": 1, "nothing": 3,
    "add_rule": 1, "delete_a_rule": 2, "switch_a_rule": 1, "replace_a_channel": 1, "switch_a_channel": 1,
    **dict.fromkeys(DELETIONS, 1),
}  # fmt: skip
"""Methods of the machine, and how likely each is."""


class Alerting(RuleBasedStateMachine):
    """The product and its model: each rule does the same to both, then `settle` compares them."""

    inbox: HttpSink
    user: User
    first: model.World

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(BEGIN, tick=False)
        self.traveller = self.clock.start()
        self.now = BEGIN
        self.world = deepcopy(self.first)
        self.apis = sorted({one.api for one in self.world.probes.values()})
        self.seen = len(self.inbox.received)
        self.number = 0
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def teardown(self) -> None:
        """Leave nothing behind."""
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.clock.stop()

    @initialize(hold=st.sampled_from(["defer", "maintenance", "defer", "drop", ""]), numbers=st.tuples(PICK, PICK))
    def begin(self, hold: str, numbers: tuple[int, int]) -> None:
        """One rule for all, the default one or another, that reminds; most often something holds messages back."""
        default, reminder = self._rule(0), [1800, 0][numbers[0] % 2]
        edits.change_rule(None, Rule.objects.get(pk=default.pk), {"reminder": reminder})
        default.reminder = timedelta(seconds=reminder)
        if numbers[1] % 2:
            self.switch_a_rule(0)
            self.add_rule(6)
        if hold == "maintenance":
            self.add_maintenance(numbers[1])
        elif hold:
            self._make_quiet(self._rule(-1), hold, 2 * HOUR)

    # Results.

    def _run(self, probe: model.Probe, *passes: bool) -> None:
        row, times = Probe.objects.select_related("api").get(pk=probe.pk), list[datetime]()
        for each in passes:
            self._move(30 * SECOND)
            times.append(self.now)
            probe.run(each, self.now)
        outcomes = [Outcome(verdict=ALLOWED if each else BLOCKED) for each in passes]
        runner.store([row] * len(passes), outcomes, times, "schedule")

    def run_a_probe(self, result: str, number: int) -> bool:
        """Store results of one probe that runs; False when there is none."""
        running = [one for one in self.world.probes.values() if one.enabled and one.api not in self.world.gone]
        down = [one for one in running if one.is_down]
        working = [one for one in running if not one.is_down]
        if chosen := {"fail": working, "recover": down}.get(result, running):
            self._run(chosen[number % len(chosen)], *RESULTS[result])
        return bool(chosen)

    # Time.

    def _move(self, by: timedelta) -> None:
        self.now += by
        self.traveller.move_to(self.now)

    def wait(self, by: timedelta | None, number: int) -> None:
        """Let time pass; without a length until about when something ends that holds messages back."""
        if by is None:
            ends = [one.quiet_end(self.now) for one in self.world.rules.values()]
            ends += [one.ends_at for one in self.world.windows.values()]
            ends += [one.snoozed_until for one in self.world.incidents.values()]
            ends += [one.due for incident in self.world.incidents.values() for one in incident.opened.values()]
            off = [-SECOND, timedelta(), SECOND][number % 3]
            by = min((end + off - self.now for end in ends if end and end + off > self.now), default=MINUTE)
        if by:
            self._move(by)
            self._settle()

    # People.

    def acknowledge(self, number: int) -> None:
        if (one := self._open(number)) and not one.acknowledged:
            incident_actions.acknowledge(Incident.objects.get(pk=one.pk), self.user)
            one.acknowledged = True

    def snooze(self, number: int) -> None:
        if one := self._open(number):
            one.snoozed_until = self.now + LENGTHS[number % 3]
            incident_actions.snooze(Incident.objects.get(pk=one.pk), self.user, one.snoozed_until)

    def wake(self, number: int) -> None:
        for one in self.world.incidents.values():
            if one.snoozed_until and one.snoozed_until > self.now:
                incident_actions.wake(Incident.objects.get(pk=one.pk), self.user)
                one.snoozed_until = None

    def _open(self, number: int) -> model.Incident | None:
        found = [one for one in self.world.incidents.values() if one.is_open]
        return found[number % len(found)] if found else None

    # Maintenance and rules.

    def add_maintenance(self, number: int) -> None:
        """From now or soon on, for one API or all."""
        starts = self.now + [timedelta(), timedelta(), 10 * MINUTE][number % 3]
        api, ends = self._api(number // 2), starts + LENGTHS[number % 3]
        values = {"name": "upgrade", "api": api, "starts_at": starts, "ends_at": ends}
        made = edits.create_maintenance(None, values)
        self.world.windows[made.pk] = model.Window(made.pk, api, starts, ends)

    def end_maintenance(self, number: int) -> None:
        if self.world.windows:
            pk = list(self.world.windows)[number % len(self.world.windows)]
            edits.delete_maintenance(None, Maintenance.objects.get(pk=pk))
            del self.world.windows[pk]

    def defer_in_quiet_hours(self, number: int) -> None:
        self._make_quiet(self._rule(number), "defer", LENGTHS[number % 3])

    def drop_in_quiet_hours(self, number: int) -> None:
        self._make_quiet(self._rule(number), "drop", LENGTHS[number % 3])

    def end_quiet_hours(self, number: int) -> None:
        one = self._rule(number)
        edits.change_rule(None, Rule.objects.get(pk=one.pk), {"quiet_from": None, "quiet_until": None})
        one.quiet = None

    def add_rule(self, number: int) -> None:
        self.number += 1
        chosen = sorted(self.world.channels)[:1] if number % 2 else None
        api, delay, reminder = self._api(number), 600 * (number % 4 == 0), 1800 * (number % 3 == 0)
        values: dict[str, Any] = {"name": f"rule {self.number}", "api": api, "delay": delay, "reminder": reminder}
        values |= {"recovery": number != 4, "all_channels": chosen is None, "channels": chosen or []}
        made = edits.create_rule(None, values)
        times = timedelta(seconds=delay), timedelta(seconds=reminder)
        self.world.rules[made.pk] = model.Rule(made.pk, made.name, api, chosen, *times, recovery=number != 4)

    def delete_a_rule(self, number: int) -> None:
        waiting = {one.rule for incident in self.world.incidents.values() for one in incident.opened.values()}
        named = sorted(self.world.rules.values(), key=lambda one: (one.pk not in waiting, one.pk))
        if one := next((one for one in named if one.name), None):
            edits.delete_rule(None, Rule.objects.get(pk=one.pk))
            del self.world.rules[one.pk]

    def switch_a_rule(self, number: int) -> None:
        one = self._rule(number)
        one.enabled = not one.enabled
        edits.change_rule(None, Rule.objects.get(pk=one.pk), {"enabled": one.enabled})

    def _rule(self, number: int) -> model.Rule:
        return list(self.world.rules.values())[number % len(self.world.rules)]

    def _api(self, number: int) -> int | None:
        return [None, *self.apis][number % 3]

    def _make_quiet(self, one: model.Rule, mode: str, length: timedelta) -> None:
        here = self.now + timedelta(hours=model.ZONE_HOURS)
        begins, ends = ((here + by).strftime("%H:%M") for by in (-MINUTE, length))
        values = {"quiet_from": begins, "quiet_until": ends, "quiet_zone": "Asia/Tokyo", "quiet_mode": mode}
        edits.change_rule(None, Rule.objects.get(pk=one.pk), values)
        one.quiet = tuple(int(text[:2]) * 60 + int(text[3:]) for text in (begins, ends))  # type: ignore[assignment]
        one.drops = mode == "drop"

    # Deletions.

    def delete_a_probe(self, number: int) -> None:
        if len(self.world.probes) > 2:
            pk = list(self.world.probes)[number % len(self.world.probes)]
            probe_edits.delete(Probe.objects.get(pk=pk), None)
            del self.world.probes[pk]

    def switch_a_probe(self, number: int) -> None:
        one = list(self.world.probes.values())[number % len(self.world.probes)]
        row = Probe.objects.select_related("api").get(pk=one.pk)
        probe_edits.save(row.api, {"enabled": not one.enabled}, None, row)
        one.enabled = not one.enabled
        if one.enabled:
            one.state, one.failed, one.passed, one.is_old_news = "new", 0, 0, False

    def lose_or_find_an_api(self, number: int) -> None:
        """AWS no longer has it, or has it again: what a sync notes."""
        api = self.apis[number % 2]
        HttpApi.objects.filter(pk=api).update(gone_at=None if api in self.world.gone else self.now)
        for probe in self.world.probes.values():
            probe.is_old_news |= probe.api == api and probe.is_down
            probe.is_member &= probe.api != api
        self.world.gone ^= {api}

    def replace_a_channel(self, number: int) -> None:
        pk = sorted(self.world.channels)[number % len(self.world.channels)]
        channels.delete(None, Channel.objects.get(pk=pk))
        del self.world.channels[pk]
        self.world.drop_channel(pk)
        self.number += 1
        made = channels.create(None, "webhook", f"c{self.number}", url=f"{self.inbox.url}/c")
        self.world.channels[made.pk] = True

    def switch_a_channel(self, number: int) -> None:
        pk = sorted(self.world.channels)[number % len(self.world.channels)]
        self.world.channels[pk] = not self.world.channels[pk]
        channels.enable(None, Channel.objects.get(pk=pk), self.world.channels[pk])
        self.world.drop_channel(pk)

    # One rule for all: hypothesis leaves out some rules in each example, and too few of them would meet.

    @rule(
        action=st.sampled_from([name for name, weight in ACTIONS.items() for _ in range(weight)]),
        result=st.sampled_from(["fail", "fail", "fail", "recover", "fail once", "pass once", ""]),
        by=st.sampled_from(WAITS),
        numbers=st.tuples(PICK, PICK, PICK),
    )
    def happens(self, action: str, result: str, by: timedelta | None, numbers: tuple[int, int, int]) -> None:
        """A person does something, a probe runs, time passes: each may be nothing."""
        if action in DELETIONS:
            getattr(self, action)(numbers[0])
            self._settle(has_results=True, sends=False)
        ran = bool(result) and self.run_a_probe(result, numbers[1])
        if ran:
            self._settle(has_results=True, sends=False)
        if action not in DELETIONS:
            # What opened just now has not been sent: this may hold it back.
            getattr(self, action)(numbers[0])
        self._settle()
        self.wait(by, numbers[2])

    def nothing(self, number: int) -> None:
        """No person does anything."""

    # What has to hold.

    def _settle(self, has_results: bool = False, sends: bool = True) -> None:
        """Sweep as the workers do, have the model follow, and compare."""
        if has_results:
            incidents.settle_flips()
            if Flip.objects.filter(handled_at=None).exists():
                incidents.settle_flips()  # What the first sweep finds again, the second one settles.
            self._follow()
        if not sends:
            return
        reminders.write_reminders()
        while due := outbox.due():
            for pk in due:
                deliveries.send(pk)
        for got in self.inbox.received[self.seen :]:
            self._receive(got.headers["webhook-id"])
        self.seen = len(self.inbox.received)
        self._check_promises()

    def _follow(self) -> None:
        """Open and close the model's incidents; those of the product are the same."""
        for api in self.apis:
            one, is_failing = self.world.open_incident(api), bool(self.world.failing(api))
            row = Incident.objects.filter(api=api, state="open").first()
            assert (row is not None) is is_failing, "an incident is open exactly while its cause is"
            if one is None and row is not None:
                one = self.world.incidents[row.pk] = model.Incident(row.pk, api)
                one.opened = self.world.route(one, self.now, is_end=False)
            elif one is not None and not is_failing:
                self.world.close(one, self.now)
            assert row is None or one is None or row.pk == one.pk
            for pk in self.world.failing(api):
                self.world.probes[pk].is_member = True

    def _receive(self, wire_id: str) -> None:
        delivery = Delivery.objects.get(message_id=uuid.UUID(wire_id.removeprefix("msg_")))
        one, channel = self.world.incidents[delivery.incident_id or 0], delivery.channel_id
        rule_pk = delivery.rule_id or 0
        assert not self.world.hold(one, rule_pk, self.now), "no message leaves while something holds it back"
        if delivery.event == "incident.reminder":
            assert one.is_open and not one.acknowledged
            since = self.now - one.last[rule_pk, channel]
            # A clock that was set back releases what was held back.
            assert since < timedelta() or since >= self.world.rules[rule_pk].reminder
        else:
            promise = (one.opened if delivery.event == "incident.opened" else one.closed)[channel]
            assert promise.sent_at is None, "once"
            assert rule_pk in (0, promise.rule)
            promise.sent_at = self.now
        if delivery.event == "incident.opened":
            one.last.update(dict.fromkeys((key for key in one.chosen if key[1] == channel), self.now))
        one.last[rule_pk, channel] = self.now

    def _check_promises(self) -> None:
        """Nothing is forgotten: what may leave has left."""
        for one in self.world.incidents.values():
            for promise in [*one.opened.values(), *one.closed.values()]:
                hold = self.world.hold(one, promise.rule, self.now)
                promise.is_quiet &= hold in ("", "quiet")
                assert promise.sent_at or not promise.is_sure or hold or promise.due > self.now, "it is forgotten"
            for (rule_pk, _), at in one.last.items():
                found = self.world.rules.get(rule_pk)
                if one.is_open and not one.acknowledged and found and found.enabled and found.reminder:
                    is_due = self.now - at >= found.reminder
                    assert not is_due or self.world.hold(one, rule_pk, self.now), "it reminds"


@pytest.fixture
def first(make_api: Callable[..., HttpApi], inbox: HttpSink) -> model.World:
    """Two APIs with two probes each that pass, one that never passed, and two channels."""
    world = model.World()
    for number in range(2):
        api = make_api(f"api {number}", f"abcdefghi{number}")
        for each in range(3 - number):
            one = Probe.objects.create(api=api, name=f"{number}{each}", origin="https://app.example.com")
            world.probes[one.pk] = model.Probe(one.pk, api.pk)
            if each < 2:
                at = BEGIN - MINUTE
                runner.store([one], [Outcome(verdict=ALLOWED)], at, "schedule")
                world.probes[one.pk].run(True, at)
    for name in ("a", "b"):
        made = channels.create(None, "webhook", name, url=f"{inbox.url}/{name}")
        world.channels[made.pk] = True
    default = Rule.objects.get(is_default=True)
    world.rules[default.pk] = model.Rule(default.pk, "")
    return world


@pytest.mark.once
def test_incidents_are_true_and_messages_leave_when_they_may(first: model.World, editor: User, inbox: HttpSink) -> None:
    Alerting.first, Alerting.user, Alerting.inbox = first, editor, inbox
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # An example is short, and making it shorter takes minutes.
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Alerting, settings=profile)
