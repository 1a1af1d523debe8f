"""An API that is locked to a configuration: departures are noted, shown, told once, and end."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.alerting import baseline_violations, channels, tasks
from apis.alerting.channels.email import payload as email
from apis.alerting.models import Channel, Delivery
from apis.alerting.wording import message_of
from apis.cors.policy import CorsPolicy
from apis.editing.apply import applying
from apis.inventory import baseline, sync
from apis.inventory.history import Author
from apis.inventory.models import Departure, HttpApi
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
    """Somebody changes it outside, and a sync sees that."""
    outside(**fields)
    sync.refresh(api)
    api.refresh_from_db()


def said() -> tuple[str, str]:
    """Subject and text of the newest message, as e-mail has them."""
    row = Delivery.objects.latest("id")
    return email.payload(message_of(row))


def told() -> list[str]:
    """The events written for channels, oldest first; each sweep writes what is new."""
    baseline_violations.tell()
    return list(Delivery.objects.order_by("id").values_list("event", flat=True))


def test_a_departure_is_shown_listed_and_told_once(
    signed_in: Client, locked: HttpApi, outside: Callable[..., None], channel: Channel
) -> None:
    assert told() == []
    found(locked, outside, MaxAge=60)
    assert list(apis_matching(standing="departed")) == [locked]
    page = signed_in.get(locked.get_absolute_url()).content.decode()
    assert "Baseline violation" in page and "“as reviewed”" in page
    assert re.search(r"Off baseline\s*</span>", signed_in.get("/apis/").content.decode())
    assert told() == ["baseline.departed"]
    found(locked, outside, MaxAge=70)
    assert told() == ["baseline.departed"], "it departs no further than it has"
    found(locked, outside, **START)
    assert told() == ["baseline.departed", "baseline.restored"]
    assert told() == ["baseline.departed", "baseline.restored"]
    assert "Baseline violation" not in signed_in.get(locked.get_absolute_url()).content.decode()
    assert not apis_matching(standing="departed").exists()


def test_the_messages_say_what_where_and_who(locked: HttpApi, outside: Callable[..., None], channel: Channel) -> None:
    found(locked, outside, MaxAge=60)
    told()
    data = Delivery.objects.get().data
    assert data["difference"] == "max-age 600 → 60"
    assert (data["api"]["name"], data["baseline"]["locked_by"]) == (locked.name, "ada")
    assert data["change"]["kind"] == "drift"
    json.dumps(data, allow_nan=False)
    subject, text = said()
    assert subject == "[corsdash] Baseline violation: made-by-a-test: max-age 600 → 60"
    assert "Locked by ada" in text and "as reviewed" in text and locked.get_absolute_url() in text
    found(locked, outside, **START)
    told()
    subject, text = said()
    assert subject == "[corsdash] Baseline restored: made-by-a-test"


def test_our_own_change_departs_as_well_and_a_revert_ends_it(
    locked: HttpApi, editor: User, channel: Channel, live: Callable[[], CorsPolicy]
) -> None:
    def edit(**fields: object) -> None:
        row = HttpApi.objects.select_related("account", "current").get(pk=locked.pk)
        proposed = CorsPolicy.from_aws({**START, **fields})
        applying.carry_out(applying.begin(row, proposed, row.version, Author("panel", user=editor)))

    edit(MaxAge=5)
    assert told() == ["baseline.departed"]
    edit()
    assert told() == ["baseline.departed", "baseline.restored"]
    ended = Departure.objects.get()
    assert ended.ended_by is not None and ended.ended_by.actor == editor


def test_what_was_over_before_anybody_heard_of_it_is_not_told(
    locked: HttpApi, outside: Callable[..., None], channel: Channel
) -> None:
    found(locked, outside, MaxAge=60)
    found(locked, outside, **START)
    assert told() == []


def test_two_sweeps_at_once_tell_once(locked: HttpApi, outside: Callable[..., None], channel: Channel) -> None:
    found(locked, outside, MaxAge=60)
    tasks.sweep()
    tasks.sweep()
    assert Delivery.objects.count() == 1


def test_locking_anew_and_unlocking_end_the_departure(
    signed_in: Client, locked: HttpApi, outside: Callable[..., None], channel: Channel
) -> None:
    found(locked, outside, MaxAge=60)
    told()
    stale = signed_in.post(f"/apis/{locked.pk}/lock/", {"version": "1"}, follow=True)
    assert "The configuration has changed since you looked: it is version 2 now." in stale.content.decode()
    signed_in.post(f"/apis/{locked.pk}/lock/", {"version": "2", "note": "as it is"})
    current = baseline.of_api(locked)
    assert current is not None and current.configuration.number == 2
    assert baseline.departure_of(locked) is None
    assert told() == ["baseline.departed", "baseline.restored"]
    assert Delivery.objects.latest("id").data["departure"]["restored"] is False
    again = signed_in.post(f"/apis/{locked.pk}/lock/", {"version": "2"}, follow=True)
    assert "It is locked to this configuration already." in again.content.decode()
    signed_in.post(f"/apis/{locked.pk}/unlock/")
    assert baseline.of_api(locked) is None
    assert "This API is not locked." in signed_in.post(f"/apis/{locked.pk}/unlock/", follow=True).content.decode()


def test_viewers_lock_nothing(client: Client, viewer: User, api: HttpApi) -> None:
    client.force_login(viewer)
    assert client.post(f"/apis/{api.pk}/lock/").status_code == 403
    assert "Lock this configuration" not in client.get(api.get_absolute_url()).content.decode()
