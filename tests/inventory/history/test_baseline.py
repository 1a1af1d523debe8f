"""An API that is locked to a configuration: violations are recorded, shown, announced once, and end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.alerting import channels, tasks
from apis.alerting.alerts import baseline_violations
from apis.alerting.channels.email import payload as email
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending.wording import message_of
from apis.cors.policy import CorsPolicy
from apis.editing.apply import applying
from apis.inventory.history import baseline
from apis.inventory.history.history import Author
from apis.inventory.models import BaselineViolation, HttpApi
from apis.inventory.reading import sync
from apis.inventory.search import apis_matching
from tests.support.mirrored import START, account, api, faults, live, outside

__all__ = ["account", "api", "faults", "live", "outside"]


@pytest.fixture
def channel(db: None) -> Channel:
    """Somewhere to tell."""
    return channels.create(None, "email", "on call", address="ops@example.com")


@pytest.fixture
def locked(api: HttpApi, admin: User) -> HttpApi:
    """The API, locked to START."""
    baseline.lock(api, admin, "as reviewed")
    return api


def found(api: HttpApi, outside: Callable[..., None], **fields: object) -> None:
    """Someone changes it outside, and a sync sees that."""
    outside(**fields)
    sync.refresh(api)
    api.refresh_from_db()


def shown() -> tuple[str, str]:
    """Subject and text of the newest message, as e-mail has them."""
    row = Delivery.objects.latest("id")
    return email.payload(message_of(row))


def notified() -> list[str]:
    """The events written for channels, oldest first; each sweep writes what is new."""
    baseline_violations.announce()
    return list(Delivery.objects.order_by("id").values_list("event", flat=True))


def test_a_violation_is_shown_listed_and_announced_once(
    signed_in: Client, locked: HttpApi, outside: Callable[..., None], channel: Channel
) -> None:
    assert notified() == []
    found(locked, outside, MaxAge=60)
    assert list(apis_matching(standing="departed")) == [locked]
    page = signed_in.get(locked.get_absolute_url()).content.decode()
    assert "Baseline violation" in page and "“as reviewed”" in page
    assert re.search(r"Off baseline\s*</span>", signed_in.get("/apis/").content.decode())
    assert notified() == ["baseline.departed"]
    found(locked, outside, MaxAge=70)
    assert notified() == ["baseline.departed"], "it departs no further than it has"
    found(locked, outside, **START)
    assert notified() == ["baseline.departed", "baseline.restored"]
    assert notified() == ["baseline.departed", "baseline.restored"]
    assert "Baseline violation" not in signed_in.get(locked.get_absolute_url()).content.decode()
    assert not apis_matching(standing="departed").exists()


def test_the_messages_say_what_where_and_who(locked: HttpApi, outside: Callable[..., None], channel: Channel) -> None:
    found(locked, outside, MaxAge=60)
    notified()
    data = Delivery.objects.get().data
    assert data["difference"] == "max-age 600 → 60"
    assert (data["api"]["name"], data["baseline"]["locked_by"]) == (locked.name, "ada")
    assert data["change"]["kind"] == "drift"
    json.dumps(data, allow_nan=False)
    subject, text = shown()
    assert subject == "[corsdash] Baseline violation: made-by-a-test: max-age 600 → 60"
    assert "Locked by ada" in text and "as reviewed" in text and locked.get_absolute_url() in text
    found(locked, outside, **START)
    notified()
    subject, text = shown()
    assert subject == "[corsdash] Baseline restored: made-by-a-test"


def test_our_own_change_violates_it_as_well_and_a_revert_ends_it(
    locked: HttpApi, editor: User, channel: Channel, live: Callable[[], CorsPolicy]
) -> None:
    def edit(**fields: object) -> None:
        row = HttpApi.objects.select_related("account", "current").get(pk=locked.pk)
        proposed = CorsPolicy.from_aws({**START, **fields})
        applying.carry_out(applying.begin(row, proposed, row.version, Author("panel", user=editor)))

    edit(MaxAge=5)
    assert notified() == ["baseline.departed"]
    edit()
    assert notified() == ["baseline.departed", "baseline.restored"]
    ended = BaselineViolation.objects.get()
    assert ended.ended_by is not None and ended.ended_by.actor == editor


def test_what_was_over_before_anyone_heard_of_it_is_not_announced(
    locked: HttpApi, outside: Callable[..., None], channel: Channel
) -> None:
    found(locked, outside, MaxAge=60)
    found(locked, outside, **START)
    assert notified() == []


def test_two_sweeps_at_once_show_once(locked: HttpApi, outside: Callable[..., None], channel: Channel) -> None:
    found(locked, outside, MaxAge=60)
    tasks.sweep()
    tasks.sweep()
    assert Delivery.objects.count() == 1


def test_locking_again_and_unlocking_end_the_violation(
    signed_in: Client, locked: HttpApi, outside: Callable[..., None], channel: Channel
) -> None:
    found(locked, outside, MaxAge=60)
    notified()
    stale = signed_in.post(f"/apis/{locked.pk}/lock/", {"version": "1"}, follow=True)
    assert "The configuration changed meanwhile; it is now version 2." in stale.content.decode()
    signed_in.post(f"/apis/{locked.pk}/lock/", {"version": "2", "note": "as it is"})
    current = baseline.active_baseline(locked)
    assert current is not None and current.configuration.number == 2
    assert baseline.violation_of(locked) is None
    assert notified() == ["baseline.departed", "baseline.restored"]
    assert Delivery.objects.latest("id").data["departure"]["restored"] is False
    again = signed_in.post(f"/apis/{locked.pk}/lock/", {"version": "2"}, follow=True)
    assert "Already locked to this configuration." in again.content.decode()
    signed_in.post(f"/apis/{locked.pk}/unlock/")
    assert baseline.active_baseline(locked) is None
    assert "This API is not locked." in signed_in.post(f"/apis/{locked.pk}/unlock/", follow=True).content.decode()


def test_viewers_lock_nothing(client: Client, viewer: User, api: HttpApi) -> None:
    client.force_login(viewer)
    assert client.post(f"/apis/{api.pk}/lock/").status_code == 403
    assert "Lock this configuration" not in client.get(api.get_absolute_url()).content.decode()
