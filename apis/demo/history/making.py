"""Make the past day once. It takes seconds, in many short transactions: people may use the pages meanwhile."""

from __future__ import annotations

import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from apis.demo import accounts
from apis.demo.history.aws import DemoApi
from apis.demo.history.moved_clock import moved_clock
from apis.demo.history.past import Past
from apis.demo.history.story import Story
from apis.demo.models import DemoHistory
from apis.inventory.models import Account, HttpApi

State = DemoHistory.State


def begin(endpoint: str) -> bool:
    """Store the demo's accounts, whose past day is about to be made; False when it was, or when they were there before.

    One that was killed half-way stays as it is, as history is not deleted; `incomplete_reason` says so.
    """
    if HttpApi.objects.filter(account__endpoint_url=endpoint).exists():
        if was_interrupted():
            _end(State.FAILED)
        return False
    if Account.objects.filter(endpoint_url=endpoint).exists() and not was_interrupted():
        return False
    accounts.register(endpoint)
    started = {"state": State.MAKING, "started_at": timezone.now(), "finished_at": None}
    DemoHistory.objects.update_or_create(defaults=started)
    return True


def make_history(endpoint: str) -> None:
    """Play the past day. Where that fails, the demo keeps the part that was made."""
    aws = DemoApi(endpoint)
    state = State.FAILED
    aws.post("reset", {})
    try:
        with moved_clock(aws) as clock:
            past = Past(clock, aws, timezone.now())
            past.begin(hours=25)
            Account.objects.filter(endpoint_url=endpoint).update(created_at=timezone.now())
            Story(past, User.objects.order_by("pk")[0]).play()
        state = State.DONE
    finally:
        _end(state)


def _end(state: str) -> None:
    DemoHistory.objects.update(state=state, finished_at=timezone.now())


def was_interrupted() -> bool:
    """Return whether a start was killed while it made the past day."""
    return DemoHistory.objects.filter(state=State.MAKING).exists()


def incomplete_reason() -> str:
    """Return why the past day is not complete and what to do, or ""."""
    if not DemoHistory.objects.filter(state=State.FAILED).exists():
        return ""
    if settings.EMBEDDED:
        remedy = "“manage.py up --demo --fresh” deletes the demo's data and makes it again."
    else:
        remedy = "To have a complete one, start the demo on an empty database."
    return f"The demo's past day is incomplete: it was stopped or failed while it was made. {remedy}"


def wait_until_made(seconds: float = 60) -> None:
    """Wait while the past day is being made, for so long at most."""
    end = time.monotonic() + seconds
    recent = timezone.now() - timedelta(minutes=2)
    while time.monotonic() < end and DemoHistory.objects.filter(state=State.MAKING, started_at__gt=recent).exists():
        time.sleep(0.2)
