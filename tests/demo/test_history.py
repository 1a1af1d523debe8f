"""The demo while its past day is made, or after that has failed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.alerting.models import Incident
from apis.demo.history.making import begin, make_history
from apis.demo.models import DemoHistory
from apis.demo.serve import Demo
from apis.inventory.models import Account
from apis.inventory.reading import sync


@pytest.mark.once
def test_only_a_demo_has_the_banner(signed_in: Client, settings: Any, demo: Demo) -> None:
    """Without a demo there is none; while the day is made, the overview says so and looks again."""
    assert "demo" not in signed_in.get("/").content.decode().partition("<main")[2]
    settings.CORSDASH_DEMO_ENDPOINT = demo.endpoint
    assert begin(demo.endpoint)
    page = signed_in.get("/").content.decode()
    assert 'hx-target="#overview-page"' in page
    assert "demo-banner" not in page


def test_a_day_that_fails_half_way_leaves_the_demo_usable(
    db: None, admin: User, demo: Demo, settings: Any, signed_in: Client
) -> None:
    """Its APIs are listed, its accounts are synced from now on, and the next start makes nothing twice."""
    settings.CORSDASH_DEMO_ENDPOINT = demo.endpoint
    settings.CORSDASH_CALLS_PER_S = 1000
    settings.CORSDASH_DEMO_ADDRESSES = []  # so that no probe may call the gateway, and no incident opens
    assert begin(demo.endpoint)
    with pytest.raises(Incident.DoesNotExist):
        make_history(demo.endpoint)
    demo.reset()
    assert DemoHistory.objects.get().state == DemoHistory.State.FAILED
    _usable(demo)
    page = signed_in.get("/").content.decode()
    assert "past day is incomplete" in page
    assert ("--fresh" in page) == settings.EMBEDDED


def test_a_day_that_was_killed_is_not_made_twice(db: None, admin: User, demo: Demo, settings: Any) -> None:
    settings.CORSDASH_DEMO_ENDPOINT = demo.endpoint
    settings.CORSDASH_CALLS_PER_S = 1000
    assert begin(demo.endpoint)
    assert begin(demo.endpoint)  # killed before it had begun
    [region, *_] = sync.start(account=Account.objects.get(name="Demo"), region="us-east-1").regions.all()
    sync.run_region(region)
    _usable(demo)


def _usable(demo: Demo) -> None:
    assert not begin(demo.endpoint)
    assert Account.objects.filter(endpoint_url=demo.endpoint, enabled=True).count() == 2
    assert DemoHistory.objects.get().state == DemoHistory.State.FAILED
