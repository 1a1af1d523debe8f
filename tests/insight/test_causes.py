"""A cause has one code, one title and one page, wherever it is shown."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.cors.explain import CAUSES
from apis.insight.paste_answer import answer_call
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits
from apis.probing.models import Probe
from apis.probing.runs.calls import request_of
from apis.probing.runs.runner import run
from tests.insight.explaining import cause
from tests.support.mirrored import account, api

__all__ = ["account", "api"]


@pytest.fixture
def down(api: HttpApi) -> Probe:
    """A probe that passed once and is down since, because its origin is not allowed."""
    sync.refresh(api)
    api.refresh_from_db()
    probe = probe_edits.save(api, {"origin": "https://evil.example", "path": "/items", "failures": 1})
    Probe.objects.update(last_passed_at=timezone.now() - timedelta(hours=1), state="up")
    run([probe.pk])
    incidents.settle_flips()
    return Probe.objects.get()


@pytest.mark.once
def test_every_code_has_a_page(signed_in: Client, db: None) -> None:
    listed = signed_in.get("/explain/causes/").content.decode()
    for code, entry in CAUSES.items():
        address = f"/explain/causes/{code}/"
        assert f'href="{address}"' in listed, code
        page = html.unescape(signed_in.get(address).content.decode())
        for text in (entry.title, entry.what, entry.tell, entry.fix, f"<code>{code}</code>"):
            assert text in page, code


@pytest.mark.once
def test_an_unknown_code_has_none(signed_in: Client, db: None) -> None:
    assert signed_in.get("/explain/causes/nothing/").status_code == 404


def test_result_incident_and_api_name_the_cause_that_explain_names(signed_in: Client, down: Probe) -> None:
    explained = answer_call(request_of(down).as_json(), api=down.api).diagnosis.cause
    assert explained is not None and explained.code == "origin-not-allowed"
    pages = (
        f"/results/{down.last_result_id}/",
        f"/probes/{down.pk}/",
        f"/incidents/{Incident.objects.get().pk}/",
        f"/apis/{down.api_id}/",
    )
    for path in pages:
        page: Any = signed_in.get(path)
        shown = html.unescape(page.content.decode())
        link = f'href="/explain/causes/{explained.code}/" data-cause="{explained.code}">{explained.title}</a>'
        assert link in shown and explained.why in shown, path
    page = signed_in.get(f"/apis/{down.api_id}/explain/?origin=https://evil.example&url=/items")
    assert cause(page) == explained.code


def test_a_closed_incident_keeps_its_cause(signed_in: Client, down: Probe) -> None:
    Incident.objects.update(state="closed", closed_at=timezone.now())
    Incident.objects.get().members.update(up_at=timezone.now())
    Probe.objects.update(last_result=None)
    page = signed_in.get(f"/incidents/{Incident.objects.get().pk}/").content.decode()
    assert 'data-cause="origin-not-allowed"' in page


def test_an_api_whose_probes_pass_names_none(signed_in: Client, api: HttpApi) -> None:
    assert "data-cause" not in signed_in.get(f"/apis/{api.pk}/").content.decode()
