"""The number of open incidents, besides Incidents in the navigation of every page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from apis.alerting.models import Incident
from apis.inventory.models import HttpApi

pytestmark = pytest.mark.once


def counted(client: Client) -> str:
    """What stands besides Incidents, as a screen reader says it."""
    page = client.get("/changes/").content.decode()
    item = re.search(r'<a href="/incidents/".*?</a>', page, re.DOTALL)
    assert item is not None
    return " ".join(re.sub(r"<[^>]+>", "", item[0]).split())


def test_counts_those_that_are_open(signed_in: Client, make_api: Callable[..., HttpApi]) -> None:
    assert counted(signed_in) == "Incidents"
    now = timezone.now()
    for number, state in enumerate(("open", "open", "closed")):
        Incident.objects.create(api=make_api(api_id=f"a{number:09d}"), state=state, opened_at=now)
    assert counted(signed_in) == "Incidents 2 open"


def test_costs_nothing_where_it_is_not_shown(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get("/sign-in/")
