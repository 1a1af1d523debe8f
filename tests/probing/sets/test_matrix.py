"""The matrix of watched calls: which origins, methods and hosts have a probe, and its state."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits
from apis.probing.models import Probe
from apis.probing.sets.matrix import matrix_of


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The API with its addresses and routes read."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


def add(api: HttpApi, **fields: object) -> Probe:
    """A probe that is not due."""
    return probe_edits.save(api, {"path": "/items", "interval": 300, "base_url": api.endpoint, **fields})


def test_a_probe_stands_where_its_origin_method_and_host_meet(known: HttpApi) -> None:
    listed = known.policy.allow_origins[0]
    here = add(known, origin=listed, method="GET")
    stranger = add(known, origin="https://unlisted.example", method="PUT", expect="blocked")
    found = matrix_of(known)
    host = next(host for host in found.hosts if host.base_url == known.endpoint)
    cells = {(row.origin, cell.method): cell.probes for row in host.rows for cell in row.cells}
    assert cells[listed, "GET"] == [here]
    assert cells["https://unlisted.example", "PUT"] == [stranger], "a probe's own origin and method get their place"
    assert cells[listed, "PUT"] == []
    assert {row.origin: row.listed for row in host.rows}["https://unlisted.example"] is False
    assert (found.watched, found.calls) == (2, sum(len(row.cells) for one in found.hosts for row in one.rows))


def test_a_call_that_no_one_watches_is_one_click_from_the_filled_in_form(signed_in: Client, known: HttpApi) -> None:
    probe = add(known, origin="https://unlisted.example", method="GET")
    page = html.unescape(signed_in.get(f"/apis/{known.pk}/probes/matrix/").content.decode())
    assert f'href="{probe.get_absolute_url()}"' in page
    query = urlencode({"origin": known.policy.allow_origins[0], "method": "GET", "base_url": known.endpoint})
    link = next(
        link for link in re.findall(r'href="([^"]+/probes/add/[^"]*)"', page) if query in link.replace("&amp;", "&")
    )
    form = signed_in.get(link.replace("&amp;", "&")).content.decode()
    assert f'value="{known.policy.allow_origins[0]}"' in form


def test_who_may_not_edit_is_offered_no_form(client: Client, viewer: User, known: HttpApi) -> None:
    client.force_login(viewer)
    page = client.get(f"/apis/{known.pk}/probes/matrix/")
    assert page.status_code == 200
    assert "/probes/add/" not in page.content.decode()


def test_the_number_of_queries_does_not_grow(
    signed_in: Client, known: HttpApi, django_assert_max_num_queries: DjangoAssertNumQueries, admin: User
) -> None:
    for number in range(20):
        add(known, origin=f"https://{number}.example", method="GET")
    with django_assert_max_num_queries(10):
        signed_in.get(f"/apis/{known.pk}/probes/matrix/")
