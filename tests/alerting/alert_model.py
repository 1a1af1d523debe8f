"""What alerting should do, in plain Python: no database, no code of the product.

Times are datetimes in UTC. APIs, channels and rules are named by the keys of their rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

ZONE_HOURS = 9
"""Quiet hours are in Tokyo's time, which has no daylight saving."""
HOUR = timedelta(hours=1)
FLAPPING_AFTER, SETTLED_AFTER = 3, 5


@dataclass
class Probe:
    """A probe that is down after two failures in a row."""

    pk: int
    api: int
    enabled: bool = True
    state: str = "new"
    failed: int = 0
    passed: int = 0
    has_passed: bool = False
    is_old_news: bool = False
    """Whether its incident closed without its recovery, so that only a new failure counts."""
    is_member: bool = False
    """Whether it has not passed since it was down in the open incident; also when it starts as new meanwhile."""
    downs: list[datetime] = field(default_factory=list)

    @property
    def is_down(self) -> bool:
        """Whether it gives cause for an incident."""
        is_down = self.has_passed and not self.is_old_news and self.state in ("down", "flapping")
        return self.enabled and (is_down or self.is_member)

    def run(self, passes: bool, at: datetime) -> None:
        """Take one result in."""
        self.passed, self.failed = (self.passed + 1, 0) if passes else (0, self.failed + 1)
        self.is_old_news &= not passes
        if self.is_old_news:
            self.is_old_news = False
            if self.state == "down":
                self.downs.append(at)
        if self.state == "flapping":
            if self.passed >= SETTLED_AFTER:
                self.state, self.is_member = "up", False
            elif self.failed >= SETTLED_AFTER:
                self._go_down(at)
        elif passes:
            self.state, self.has_passed, self.is_member = "up", True, False
        elif self.state != "down":
            self.state = "failing"
            if self.failed >= 2 and sum(one > at - HOUR for one in self.downs) >= FLAPPING_AFTER:
                self.state = "flapping"
            elif self.failed >= 2:
                self._go_down(at)

    def _go_down(self, at: datetime) -> None:
        self.state = "down"
        self.downs.append(at)


@dataclass
class Rule:
    """A rule; `quiet` is its quiet hours as minutes of the day in Tokyo."""

    pk: int
    name: str
    """The default rule, which comes first, has none."""
    api: int | None = None
    channels: list[int] | None = None
    delay: timedelta = timedelta()
    reminder: timedelta = timedelta()
    recovery: bool = True
    enabled: bool = True
    quiet: tuple[int, int] | None = None
    drops: bool = False

    def quiet_end(self, at: datetime) -> datetime | None:
        """When the quiet hours that hold at a time end."""
        if self.quiet is None:
            return None
        here = at + timedelta(hours=ZONE_HOURS)
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        begins, ends = self.quiet
        for day in (-1, 0):
            start = midnight + timedelta(days=day, minutes=begins)
            end = midnight + timedelta(days=day if begins < ends else day + 1, minutes=ends)
            if start <= here < end:
                return end - timedelta(hours=ZONE_HOURS)
        return None


@dataclass
class Window:
    """A maintenance window, of one API or of all."""

    pk: int
    api: int | None
    starts_at: datetime
    ends_at: datetime


@dataclass
class Promise:
    """A message that a channel is to get, not before a time."""

    rule: int
    due: datetime
    is_sure: bool = True
    """Whether it has to arrive; else it may."""
    is_quiet: bool = False
    """Whether quiet hours hold it back and nothing else ever did: then at least its end is sent."""
    sent_at: datetime | None = None


@dataclass
class Incident:
    """A stretch of failing of one API."""

    pk: int
    api: int
    is_open: bool = True
    acknowledged: bool = False
    snoozed_until: datetime | None = None
    opened: dict[int, Promise] = field(default_factory=dict)
    closed: dict[int, Promise] = field(default_factory=dict)
    last: dict[tuple[int, int], datetime] = field(default_factory=dict)
    """When a channel last got a message by a rule, for reminders: by rule and channel.

    The message about the beginning, which one rule sends, counts for each rule that chose the channel.
    """
    chosen: set[tuple[int, int]] = field(default_factory=set)
    """The rules that chose a channel as it opened: by rule and channel."""


class World:
    """All there is, and what follows from it."""

    def __init__(self) -> None:
        self.probes: dict[int, Probe] = {}
        self.gone: set[int] = set()
        self.channels: dict[int, bool] = {}
        """The channels that exist, and whether each is enabled."""
        self.rules: dict[int, Rule] = {}
        self.windows: dict[int, Window] = {}
        self.incidents: dict[int, Incident] = {}

    def failing(self, api: int) -> set[int]:
        """The probes that give cause for an incident of an API."""
        return {one.pk for one in self.probes.values() if one.api == api and one.is_down and api not in self.gone}

    def open_incident(self, api: int) -> Incident | None:
        """The open incident of an API."""
        return next((one for one in self.incidents.values() if one.is_open and one.api == api), None)

    def maintenance_end(self, api: int, at: datetime) -> datetime | None:
        """When the longest of the windows that cover an API ends."""
        covering = (one for one in self.windows.values() if one.api in (None, api))
        return max((one.ends_at for one in covering if one.starts_at <= at < one.ends_at), default=None)

    def hold(self, incident: Incident, rule: int, at: datetime) -> str:
        """Why no message about an incident may leave by a rule, or ""."""
        if incident.is_open and incident.snoozed_until and incident.snoozed_until > at:
            return "snooze"
        if self.maintenance_end(incident.api, at):
            return "maintenance"
        return "quiet" if rule in self.rules and self.rules[rule].quiet_end(at) else ""

    def route(self, incident: Incident, at: datetime, is_end: bool) -> dict[int, Promise]:
        """The messages about an incident's beginning or end."""
        found: dict[int, Promise] = {}
        for rule in sorted(self.rules.values(), key=lambda rule: rule.name):
            if not rule.enabled or rule.api not in (None, incident.api) or (is_end and not rule.recovery):
                continue
            for channel in sorted(pk for pk, enabled in self.channels.items() if enabled):
                if rule.channels is not None and channel not in rule.channels:
                    continue
                promise = self._promise(rule, incident, at, is_end)
                if promise and not is_end:
                    incident.chosen.add((rule.pk, channel))
                if promise and (channel not in found or promise.due < found[channel].due):
                    found[channel] = promise
        return found

    def _promise(self, rule: Rule, incident: Incident, at: datetime, is_end: bool) -> Promise | None:
        if end := self.maintenance_end(incident.api, at):
            return Promise(rule.pk, end)
        if end := rule.quiet_end(at):
            return None if rule.drops else Promise(rule.pk, end, is_quiet=True)
        return Promise(rule.pk, at if is_end else at + rule.delay)

    def close(self, incident: Incident, at: datetime) -> None:
        """Close an incident: who knows of it, or was about to, hears of its end."""
        incident.is_open = False
        for probe in self.probes.values():
            probe.is_member &= probe.api != incident.api
        for channel, promise in self.route(incident, at, is_end=True).items():
            if begun := incident.opened.get(channel):
                promise.is_sure = begun.sent_at is not None or (begun.is_sure and begun.is_quiet)
                incident.closed[channel] = promise
        for begun in incident.opened.values():
            begun.is_sure = False

    def drop_channel(self, channel: int) -> None:
        """What a channel was to get need not arrive: it is disabled or deleted."""
        for incident in self.incidents.values():
            for promises in (incident.opened, incident.closed):
                if channel in promises:
                    promises[channel].is_sure = False
            incident.last = {key: at for key, at in incident.last.items() if key[1] != channel}
