"""A clock that is set back an hour: what was begun before it, and lost, is taken up all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apis.cors.policy import CorsPolicy
from apis.editing import tasks
from apis.editing.apply import applying, verification
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi

AHEAD = timedelta(hours=1)


def test_a_change_whose_worker_died_is_applied(api: HttpApi, editor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from corsdash.celery import app

    proposed = CorsPolicy.from_aws({"AllowOrigins": ["https://b.example"]})
    change = applying.begin(api, proposed, api.version, Author(Change.Kind.PANEL, user=editor))
    Change.objects.filter(pk=change.pk).update(at=timezone.now() + AHEAD)
    monkeypatch.setitem(app.conf, "task_always_eager", True)
    tasks.sweep()
    change.refresh_from_db()
    assert change.status == Change.Status.APPLIED


def test_an_applied_change_is_verified(edit: Callable[..., Change]) -> None:
    change = edit(AllowOrigins=["https://b.example"])
    ahead = timezone.now() + AHEAD
    Change.objects.filter(pk=change.pk).update(at=ahead, settled_at=ahead)
    assert change.pk in verification.pending()
