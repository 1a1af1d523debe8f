"""Make the past day once. It takes seconds, in many short transactions: people may use the pages meanwhile."""

from __future__ import annotations

import time
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from apis.demo import accounts
from apis.demo.history.aws import DemoApi
from apis.demo.history.moved_clock import moved_clock
from apis.demo.history.past import Past
from apis.demo.history.story import Story
from apis.demo.models import DemoHistory
from apis.inventory.models import Account

State = DemoHistory.State


def begin(endpoint: str) -> bool:
    """Note that the past day is about to be made; False when it was, or when the demo had its accounts before.

    One that was killed half-way stays as it is: history is not deleted.
    """
    if Account.objects.filter(endpoint_url=endpoint).exists():
        if DemoHistory.objects.filter(state=State.MAKING).exists():
            _end(endpoint, State.FAILED)
        return False
    started = {"state": State.MAKING, "started_at": timezone.now(), "finished_at": None}
    DemoHistory.objects.update_or_create(defaults=started)
    return True


def make(endpoint: str) -> None:
    """Play the past day. Where that fails, the demo keeps the part that was made.

    Until it is over the accounts are switched off, so that no sync of today comes in between.
    """
    aws = DemoApi(endpoint)
    state = State.FAILED
    aws.post("reset", {})
    try:
        with moved_clock(aws) as clock:
            past = Past(clock, aws, timezone.now())
            past.begin(hours=25)
            accounts.register(endpoint, enabled=False)
            Story(past, User.objects.order_by("pk")[0]).play()
        state = State.DONE
    finally:
        accounts.register(endpoint)
        _end(endpoint, state)


def _end(endpoint: str, state: str) -> None:
    Account.objects.filter(endpoint_url=endpoint).update(enabled=True)
    DemoHistory.objects.update(state=state, finished_at=timezone.now())


def was_interrupted() -> bool:
    """Return whether a start was killed while it made the past day: the accounts are still switched off."""
    return DemoHistory.objects.filter(state=State.MAKING).exists()


def wait_until_made(seconds: float = 60) -> None:
    """Wait while the past day is being made, for so long at most."""
    end = time.monotonic() + seconds
    recent = timezone.now() - timedelta(minutes=2)
    while time.monotonic() < end and DemoHistory.objects.filter(state=State.MAKING, started_at__gt=recent).exists():
        time.sleep(0.2)
