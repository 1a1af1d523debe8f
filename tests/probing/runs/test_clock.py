"""A clock that is set back an hour stops nothing: later runs count, whatever the times of earlier ones."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe, Result
from apis.probing.runs.runner import run


def test_results_from_the_future_do_not_outlive_it(signed_in: Client, api: HttpApi) -> None:
    probe = probe_edits.save(api, {"origin": "https://evil.example", "path": "/items", "failures": 1})
    run([probe.pk])
    ahead = timezone.now() + timedelta(hours=1)
    Result.objects.update(at=ahead)
    Probe.objects.update(expect="blocked")
    newest = run([probe.pk])[0]
    found = Probe.objects.get()
    assert (found.state, found.last_result) == ("up", newest)
    page = signed_in.get(f"/probes/{probe.pk}/?waiting={newest.pk - 1}")
    assert page.context["newest"] == newest
    assert not page.context["waiting"]
