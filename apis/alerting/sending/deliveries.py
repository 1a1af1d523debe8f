"""Sending what the outbox holds: claim, try once, note what came of it."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Count, Min, Q
from django.utils import timezone

from apis.alerting.alerts.channel_health import note_outcome
from apis.alerting.channels import Outcome, kind_of
from apis.alerting.models import Attempt, Channel, Delivery, Incident
from apis.alerting.rules.holds import hold_of
from apis.alerting.sending import events, outbox
from apis.alerting.sending.message_templates import message_for
from apis.alerting.sending.outbox import FIRST_PAUSE, JITTER, LEAST_ATTEMPTS, LONGEST_PAUSE, RETRIED_FOR, RETRY
from apis.jobs import lease
from apis.jobs.claims import Claims

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Messages that `send_together` sends at the same time; each takes half a minute at most."""

CLAIMS = Claims(
    Delivery,
    # How long a sender may take. When it died, another tries again after that at the latest.
    lasts=timedelta(minutes=2),
    ready=lambda now: Q(lease.free(now), RETRY.due(now), state=Delivery.State.WAITING),
    held=Q(state=Delivery.State.WAITING),
    related=("channel__account", "rule", "incident"),
)


def send(delivery_id: int, now: datetime | None = None) -> Delivery | None:
    """Try a delivery that is due; None when it is not, or when another sender has it.

    What a snooze, a maintenance window or quiet hours hold back is put off without an attempt.

    The receiver may get a message twice (a sender died before it could note the success), always with the same id.
    """
    taken = _take_up(delivery_id, now or timezone.now())
    return taken[0] if taken else None


def send_due(channel: int, is_over: Callable[[], bool] = lambda: False) -> int:
    """Send what is due to one channel, one message after another; return how many were tried.

    It ends with the first failure that is tried again, or when `is_over`: what is left is due in the next sweep.
    """
    tried = 0
    while due := outbox.due(channel=channel):
        progressed = False
        for pk in due:
            taken = None if is_over() else _take_up(pk, timezone.now())
            if taken is None:
                continue
            progressed, outcome = True, taken[1]
            tried += outcome is not None
            if outcome is not None and outcome.error and not outcome.final:
                return tried
        if not progressed:  # Another process sends to this channel.
            break
    return tried


def send_together(ids: Sequence[int], now: datetime) -> None:
    """Try these deliveries at the same time, at most AT_ONCE of them; the others stay due.

    Only their sending runs in threads: what this process claims and notes stays in order.
    """
    claimed = [_claim(pk, now) for pk in ids[:AT_ONCE]]
    ready = [delivery for delivery, is_held in filter(None, claimed) if not is_held]
    if not ready:
        return
    with ThreadPoolExecutor(AT_ONCE, "sender") as pool:
        for delivery, (outcome, took_ms) in zip(ready, pool.map(_try_in_thread, ready), strict=True):
            _note(delivery, outcome, now, took_ms)


def _take_up(delivery_id: int, now: datetime) -> tuple[Delivery, Outcome | None] | None:
    """Claim a delivery, and try it unless it is held back; None when it cannot be claimed."""
    claimed = _claim(delivery_id, now)
    if claimed is None:
        return None
    delivery, is_held = claimed
    if is_held:
        return delivery, None
    outcome, took_ms = _timed_try(delivery)
    _note(delivery, outcome, now, took_ms)
    return delivery, outcome


def _claim(delivery_id: int, now: datetime) -> tuple[Delivery, bool] | None:
    """Claim a delivery, and put it off when something holds it back; None when it cannot be claimed."""
    delivery = CLAIMS.claim(delivery_id, now)
    if delivery is None:
        return None
    if _is_pointless(delivery):
        delivery.delete()
        return None
    if hold := hold_of(delivery, now):
        CLAIMS.finish(delivery, hold=hold[0], next_attempt_at=hold[1], not_before=hold[1], held_at=now)
        return delivery, True
    return delivery, False


def _is_pointless(delivery: Delivery) -> bool:
    """Return whether it is a reminder that is not wanted any more: by its incident's state, or by its rule."""
    incident = delivery.incident
    if delivery.event != events.REMINDER or incident is None:
        return False
    is_over = incident.state == Incident.State.CLOSED or incident.acknowledged_at is not None
    return is_over or delivery.rule is None or not (delivery.rule.enabled and delivery.rule.reminder)


def _try_in_thread(delivery: Delivery) -> tuple[Outcome, float]:
    try:
        return _timed_try(delivery)
    finally:
        # Nothing else would close what this thread opened.
        connections.close_all()


def _timed_try(delivery: Delivery) -> tuple[Outcome, float]:
    began = time.perf_counter()
    outcome = _try(delivery)
    return outcome, (time.perf_counter() - began) * 1000


def _try(delivery: Delivery) -> Outcome:
    channel = delivery.channel
    if channel.deleted_at:
        return Outcome(f"The channel {channel.name} was deleted before this was sent.", final=True)
    if not channel.enabled and delivery.event != events.TEST:
        return Outcome(f"The channel {channel.name} was disabled before this was sent.", final=True)
    try:
        message, delivery.template_error = message_for(delivery)
        return kind_of(channel).send(channel, message)
    except Exception as error:
        log.exception("Delivery %s failed inside corsdash", delivery.pk)
        return Outcome(f"corsdash failed to send this ({type(error).__name__}). See the log for details.")


def _note(delivery: Delivery, outcome: Outcome, now: datetime, took_ms: float) -> None:
    """Store the attempt, and the delivery's fate unless the lease ran out and another sender has it now."""
    with transaction.atomic():
        Attempt.objects.create(
            delivery=delivery, at=now, status=outcome.status, error=outcome.error, took_ms=round(took_ms, 1)
        )
        pause = None if outcome.final or delivery.event == events.TEST else _pause(delivery, outcome, now)
        if not outcome.error:
            fate = {"state": Delivery.State.SENT, "sent_at": now, "next_attempt_at": None}
        elif pause is None:
            fate = {"state": Delivery.State.FAILED, "next_attempt_at": None}
        else:
            fate = {"next_attempt_at": now + pause}
        CLAIMS.finish(delivery, **fate, not_before=None, held_at=None, template_error=delivery.template_error or None)
        note_outcome(delivery, outcome.error, now)
        delivery.refresh_from_db()
        if outcome.gone:
            Channel.objects.filter(pk=delivery.channel_id, enabled=True).update(
                enabled=False, disabled_reason=outcome.error
            )


def _pause(delivery: Delivery, outcome: Outcome, now: datetime) -> timedelta | None:
    """Return how long to wait before the next attempt; None after the last one."""
    attempts = delivery.attempts.aggregate(number=Count("pk"), first=Min("at"))
    left = attempts["first"] + RETRIED_FOR - now
    if left <= timedelta(0) and attempts["number"] >= LEAST_ATTEMPTS:
        return None
    # 3 ** 20 exceeds every pause.
    growing = FIRST_PAUSE * 3 ** min(attempts["number"] - 1, 20)
    pause = min(growing, LONGEST_PAUSE) * (1 + random.uniform(0, JITTER))
    pause = max(pause, timedelta(seconds=outcome.retry_after or 0))
    return min(pause, left) if left > timedelta(0) else pause
