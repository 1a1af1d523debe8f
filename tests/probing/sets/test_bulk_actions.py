"""Many probes paused, resumed, changed and deleted at once, by tick and by filter."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.access.models import AuditEvent
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Flip, Probe
from apis.probing.runs.runner import run

pytestmark = pytest.mark.once


@pytest.fixture
def probes(api: HttpApi) -> list[Probe]:
    """Three probes; the last from another site."""
    origins = ("https://a.example", "https://b.example", "https://other.test")
    return [probe_edits.save(api, {"origin": origin, "path": "/items"}) for origin in origins]


def act(client: Client, **form: Any) -> Any:
    """Press Apply."""
    return client.post("/probes/act/", form)


def enabled() -> list[bool]:
    """Which are on."""
    return list(Probe.objects.order_by("pk").values_list("enabled", flat=True))


def test_ticked_probes_are_paused_and_resumed_as_new(signed_in: Client, probes: list[Probe]) -> None:
    run([probe.pk for probe in probes])
    act(signed_in, action="pause", probe=[probes[0].pk, probes[1].pk])
    assert enabled() == [False, False, True]
    assert AuditEvent.objects.filter(action="paused probes", target="2 probes").exists()
    assert signed_in.get("/probes/?state=off").context["page"].paginator.count == 2
    act(signed_in, action="resume", probe=[probes[0].pk])
    assert enabled() == [True, False, True]
    assert Probe.objects.get(pk=probes[0].pk).state == "new"


def test_a_probe_is_paused_and_resumed_on_its_page(signed_in: Client, probes: list[Probe]) -> None:
    """Pressed twice, as in two tabs, a button does nothing more."""
    pk, others = probes[0].pk, [probe.pk for probe in probes[1:]]
    for action, is_on, offers in (("pause", False, "resume"), ("pause", False, "resume"), ("resume", True, "pause")):
        page = signed_in.post(f"/probes/{pk}/pause/", {"action": action}, follow=True)
        assert page.redirect_chain == [(f"/probes/{pk}/", 302)]
        assert f'name="action" value="{offers}"' in page.content.decode()
        assert Probe.objects.get(pk=pk).enabled == is_on
    assert AuditEvent.objects.filter(action__in=["paused probes", "resumed probes"]).count() == 2
    assert Probe.objects.filter(pk__in=others, enabled=True).count() == len(others)


def test_a_paused_probe_is_called_so_wherever_it_shows(signed_in: Client, probes: list[Probe]) -> None:
    """Pause makes it Paused: not Disabled, which the list and its filter never call it."""
    act(signed_in, action="pause", probe=probes[0].pk)
    for path in ("/probes/?state=off", probes[0].get_absolute_url(), f"/apis/{probes[0].api_id}/probes/"):
        page = signed_in.get(path).content.decode()
        assert re.search(r'data-state="off".*?Paused', page, re.DOTALL), path
        assert "isabled" not in page.partition("<main")[2], path


def test_all_that_a_filter_finds_are_changed_and_no_other(signed_in: Client, probes: list[Probe]) -> None:
    answer = act(signed_in, action="interval", interval=60, all="on", search=".example")
    assert answer.headers["Location"] == "/probes/?search=.example"
    assert list(Probe.objects.order_by("pk").values_list("interval", flat=True)) == [60, 60, 300]


def test_deleted_ones_keep_their_history(signed_in: Client, probes: list[Probe]) -> None:
    run([probe.pk for probe in probes])
    flips = Flip.objects.count()
    act(signed_in, action="delete", all="on", search="other.test")
    assert Probe.objects.count() == 2
    assert flips and Flip.objects.count() == flips


def test_none_selected_is_no_success(signed_in: Client, probes: list[Probe]) -> None:
    """Not "Deleted 0 probes" in green: people read Deleted."""
    act(signed_in, action="delete", search="a.example")
    page = signed_in.get("/probes/").content.decode()
    assert "No probe is selected." in page
    assert "Deleted 0 probes" not in page
    assert Probe.objects.count() == 3
    assert not AuditEvent.objects.filter(action="deleted probes").exists()


@pytest.mark.parametrize("form", [{"action": "pause"}, {"action": "explode", "all": "on"}, {"action": "interval"}])
def test_without_a_choice_nothing_happens(signed_in: Client, probes: list[Probe], form: dict[str, str]) -> None:
    act(signed_in, **form)
    assert enabled() == [True, True, True]
    assert not AuditEvent.objects.filter(action__in=["paused probes", "changed the interval of probes"]).exists()


def test_viewers_change_nothing(client: Client, viewer: User, probes: list[Probe]) -> None:
    client.force_login(viewer)
    assert act(client, action="delete", all="on").status_code == 403
    assert "probes/act" not in client.get("/probes/").content.decode()
    assert Probe.objects.count() == 3
