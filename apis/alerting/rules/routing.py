"""Decide who is notified of an occasion, when, and by which rule."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from apis.alerting.alerts.occasions import PROPOSAL, Occasion
from apis.alerting.models import Channel
from apis.alerting.rules.matching import Covering, maintenance_end, mismatch_reason, quiet_until
from apis.alerting.rules.models import Decision, Maintenance, Rule

Outcome = Decision.Outcome


@dataclass(frozen=True, slots=True)
class Step:
    """What one rule makes of an occasion, for one channel or for none."""

    rule: Rule
    outcome: Decision.Outcome
    reason: str = ""
    channel: Channel | None = None
    due: datetime | None = None
    """When its message is to be sent; None when there is none."""
    hold: str = ""
    """Why it waits until then: "delay", "quiet" or "maintenance"."""

    @property
    def rule_name(self) -> str:
        """The rule's name, as a stored decision has it."""
        return self.rule.name

    @property
    def until(self) -> datetime | None:
        """Until when its message waits."""
        return self.due if self.hold else None


@dataclass(frozen=True, slots=True)
class Router:
    """The rules, channels and maintenance windows as they are now: read once, asked for many occasions."""

    rules: list[Rule]
    channels: list[Channel]
    windows: list[Maintenance]
    now: datetime

    @classmethod
    def load(cls, now: datetime) -> Router:
        """Read everything, in four queries at most."""
        channels = list(Channel.objects.filter(enabled=True))
        rules = Rule.objects.select_related("account", "api").prefetch_related("channels")
        return cls(list(rules), channels, list(Maintenance.objects.select_related("account", "api")), now)

    def route(self, occasion: Occasion, notified: Collection[int] | None = None) -> list[Step]:
        """Return what every rule makes of an occasion. A channel gets one message, by the first rule that is due.

        `notified` are the channels that got, or will get, the message about the beginning; only they get the end.
        """
        window = maintenance_end(self.windows, occasion, self.now)
        steps = [step for rule in self.rules for step in self._ask(rule, occasion, window, notified)]
        first: dict[int, Step] = {}
        for step in steps:
            if step.channel and step.due:
                best = first.get(step.channel.pk)
                if best is None or best.due is None or step.due < best.due:
                    first[step.channel.pk] = step
        return [step if self._is_first(step, first) else _duplicate(step, first) for step in steps]

    @staticmethod
    def _is_first(step: Step, first: dict[int, Step]) -> bool:
        return step.channel is None or step.due is None or first[step.channel.pk] is step

    def _ask(
        self,
        rule: Rule,
        occasion: Occasion,
        window: Covering | None,
        notified: Collection[int] | None,
    ) -> list[Step]:
        if not rule.enabled:
            return [Step(rule, Outcome.DISABLED)]
        if reason := mismatch_reason(rule, occasion):
            return [Step(rule, Outcome.NO_MATCH, reason)]
        if occasion.phase == "closed" and not rule.recovery:
            return [Step(rule, Outcome.DROPPED, "The rule sends no recovery messages.")]
        channels = self._channels_of(rule)
        if not channels:
            return [Step(rule, Outcome.DROPPED, "No enabled channel.")]
        return [self._for_channel(rule, channel, occasion, window, notified) for channel in channels]

    def _channels_of(self, rule: Rule) -> list[Channel]:
        if rule.all_channels:
            return self.channels
        chosen = {channel.pk for channel in rule.channels.all()}
        return [channel for channel in self.channels if channel.pk in chosen]

    def _for_channel(
        self,
        rule: Rule,
        channel: Channel,
        occasion: Occasion,
        window: Covering | None,
        notified: Collection[int] | None,
    ) -> Step:
        if occasion.kind == PROPOSAL and not channel.proposals:
            return Step(rule, Outcome.DROPPED, "The channel gets no proposal notifications.", channel)
        if occasion.phase == "closed" and notified is not None and channel.pk not in notified:
            return Step(rule, Outcome.DROPPED, "It was not notified of the beginning.", channel)
        if window is not None:
            reason = f"Maintenance: {window[0].name}."
            return Step(rule, Outcome.DEFERRED, reason, channel, window[1], "maintenance")
        quiet = quiet_until(rule, self.now)
        if quiet and rule.quiet_mode == Rule.QuietMode.DROP:
            return Step(rule, Outcome.DROPPED, "Quiet hours.", channel)
        if quiet:
            return Step(rule, Outcome.DEFERRED, "Quiet hours.", channel, quiet, "quiet")
        if rule.delay and occasion.phase == "opened":
            due = self.now + timedelta(seconds=rule.delay)
            return Step(rule, Outcome.DELAYED, f"Sent when it lasts {rule.delay} seconds.", channel, due, "delay")
        return Step(rule, Outcome.NOTIFIED, "", channel, self.now)


def _duplicate(step: Step, first: dict[int, Step]) -> Step:
    assert step.channel is not None
    other = first[step.channel.pk].rule.name
    return Step(step.rule, Outcome.DUPLICATE, f"Notified by the rule {other}.", step.channel)
