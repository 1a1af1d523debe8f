"""A new probe raises no false alarm: its path comes from the routes, it is tried first, and who is wrong is asked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from apis.alerting.models import Incident
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits
from apis.probing.models import Probe, Result
from apis.probing.runs import live_check
from apis.probing.runs.runner import run
from tests.support.axe import accessible

SECRET = "s3cret-token"


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The API with its routes and addresses known."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


@pytest.fixture
def call(known: HttpApi) -> dict[str, str]:
    """A form filled in."""
    return {
        "origin": "https://a.example", "method": "GET", "path": "/items", "headers": "", "expect": "allowed",
        "interval": "300", "failures": "2", "name": "", "enabled": "on", "base_url": known.endpoint,
    }  # fmt: skip


def tried(client: Client, api: HttpApi, call: dict[str, str]) -> Any:
    """The page of a call that was tried."""
    address = client.post(f"/apis/{api.pk}/probes/try/", call)["Location"]
    live_check.run(address.strip("/").rpartition("/")[2])
    return client.get(address)


def test_a_new_probes_path_is_one_that_a_route_serves(signed_in: Client, known: HttpApi) -> None:
    form = signed_in.get(f"/apis/{known.pk}/probes/add/").context["form"]
    assert form["path"].value() == "/items"
    assert form.paths == ["/items"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("parts", "passed", "unmet"),
    [
        ({}, True, []),
        ({"origin": "https://evil.example"}, False, []),
        ({"origin": "https://evil.example", "expect": "blocked"}, True, []),
        ({"status": "500-599"}, False, ["status"]),
    ],
)
def test_a_call_is_tried_before_it_is_saved(
    signed_in: Client, known: HttpApi, call: dict[str, str], parts: dict[str, str], passed: bool, unmet: list[str]
) -> None:
    page = tried(signed_in, known, call | parts)
    result = page.context["result"]
    assert (result.passed, [one.field for one in page.context["unmet"]]) == (passed, unmet)
    assert bool(page.context["cause"]) is (result.allowed is False and not passed)
    assert (Probe.objects.count(), Result.objects.count()) == (0, 0)


@pytest.mark.once
def test_an_invalid_call_is_not_sent(signed_in: Client, known: HttpApi, call: dict[str, str]) -> None:
    answer = signed_in.post(f"/apis/{known.pk}/probes/try/", call | {"path": "/a b"})
    assert answer.status_code == 422
    assert "path" in answer.context["form"].errors


@pytest.mark.once
def test_a_stored_secret_is_used_and_shown_nowhere(signed_in: Client, known: HttpApi, call: dict[str, str]) -> None:
    given = call | {"secret_header": "x-key", "secret": SECRET}
    signed_in.post(f"/apis/{known.pk}/probes/add/", given)
    probe = Probe.objects.get()
    assert probe.secret == SECRET
    for path in (f"/probes/{probe.pk}/", f"/probes/{probe.pk}/edit/"):
        assert SECRET not in signed_in.get(path).content.decode()
    signed_in.post(f"/probes/{probe.pk}/edit/", given | {"secret": "", "interval": "60"})
    assert Probe.objects.get().secret == SECRET
    address = signed_in.post(f"/apis/{known.pk}/probes/try/", given | {"secret": "", "probe": str(probe.pk)})[
        "Location"
    ]
    check = live_check.find(address.strip("/").rpartition("/")[2])
    assert check is not None
    assert check.secret and SECRET not in str(check)


@pytest.mark.once
def test_viewers_try_nothing(client: Client, viewer: User, known: HttpApi, call: dict[str, str]) -> None:
    client.force_login(viewer)
    assert client.post(f"/apis/{known.pk}/probes/try/", call).status_code == 403
    probe = probe_edits.save(known, {"origin": "https://a.example"})
    assert client.post(f"/probes/{probe.pk}/expect-opposite/").status_code == 403


def test_a_probe_that_never_passed_asks_which_side_is_wrong(signed_in: Client, known: HttpApi) -> None:
    probe = probe_edits.save(known, {"origin": "https://evil.example", "path": "/items", "failures": 1})
    run([probe.pk])
    assert 'id="never-passed"' in signed_in.get(f"/probes/{probe.pk}/").content.decode()
    assert not Incident.objects.exists()
    signed_in.post(f"/probes/{probe.pk}/expect-opposite/")
    probe.refresh_from_db()
    assert probe.expect == "blocked"
    [result] = run([probe.pk])
    assert result.passed
    assert 'id="never-passed"' not in signed_in.get(f"/probes/{probe.pk}/").content.decode()


@pytest.mark.once
@pytest.mark.parametrize(("origin", "differences"), [("https://a.example", False), ("https://evil.example", False)])
def test_a_result_stands_next_to_its_prediction(
    signed_in: Client, known: HttpApi, origin: str, differences: bool
) -> None:
    probe = probe_edits.save(known, {"origin": origin, "path": "/items", "headers": ["x-a"], "expect": "blocked"})
    [result] = run([probe.pk])
    page = signed_in.get(f"/results/{result.pk}/")
    assert page.context["explanation"].steps
    assert bool(page.context["explanation"].differences) is differences


def test_a_result_that_differs_from_its_prediction_says_so(signed_in: Client, known: HttpApi) -> None:
    probe = probe_edits.save(known, {"origin": "https://a.example", "path": "/items"})
    [result] = run([probe.pk])
    stored = result.stored
    assert stored is not None and stored.exchange is not None
    answer = stored.exchange["response"]
    answer["headers"] = [line for line in answer["headers"] if line[0].lower() != "access-control-allow-origin"]
    stored.save()
    page = signed_in.get(f"/results/{result.pk}/")
    assert re.search(r'data-differences="[1-9]', page.content.decode())


@pytest.mark.once
def test_the_result_appears_next_to_the_form(
    transactional_db: None, known: HttpApi, worker: Any, live_server: Any, signed_in_page: Page
) -> None:
    page = signed_in_page
    page.goto(f"{live_server.url}/apis/{known.pk}/probes/add/")
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("heading", name="Allowed, as expected")).to_be_visible()
    page.get_by_label("Origin").first.fill("https://evil.example")
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_role("heading", name="Blocked; expected allowed")).to_be_visible()
    accessible(page)
    assert page.url.endswith("/probes/add/")
