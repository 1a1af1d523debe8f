"""The overview: everything that fails, drifted or waits, by page, by REST and on a wall screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.access import tokens
from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.editing.grants.models import Grant
from apis.editing.review.models import Proposal
from apis.inventory.history import history
from apis.inventory.models import Account, HttpApi, SyncRegion, SyncRun
from apis.probing import probe_edits
from apis.probing.models import Probe
from apis.probing.runs.runner import run
from tests.inventory.mirror import an_account, an_api
from tests.support.mirrored import account, api

__all__ = ["account", "api"]
KEYS = ("failing", "incidents", "drift", "proposals", "grants", "syncs", "findings")
ORIGIN = "https://app.example.com"


@pytest.fixture
def asked(admin: User, client: Client) -> Any:
    """Ask REST for the overview."""
    headers = {"Authorization": f"Bearer {tokens.create(admin, 'x')[1]}"}
    return lambda: client.get("/api/v1/overview", headers=headers).json()


def test_nothing_is_wrong(asked: Any, signed_in: Client) -> None:
    an_api(an_account(), "orders", {"AllowOrigins": [ORIGIN]})
    assert asked() == {key: {"count": 0, "items": []} for key in KEYS}
    page = signed_in.get("/")
    assert page.context["is_calm"]
    assert b"/accounts/add/" not in page.content


def test_without_an_account_or_an_api_it_leads_on_and_nothing_is_well(
    signed_in: Client, client: Client, admin: User
) -> None:
    wall = f"/wall/{tokens.create(admin, 'tv', purpose='wall')[1]}/"
    viewer = Client()
    viewer.force_login(User.objects.create_user("viewer", password="x"))
    add, accounts = 'class="button primary" href="/accounts/add/"', 'class="button" href="/accounts/"'
    for leads_to in (add, accounts):
        pages = [signed_in.get("/"), viewer.get("/"), client.get(wall)]
        for page in pages:
            text = page.content.decode()
            assert not page.context["is_calm"] and "status success" not in text and "alert success" not in text
        assert leads_to in pages[0].content.decode() and add not in pages[1].content.decode()
        Account.objects.get_or_create(name="production", regions=["us-east-1"])
    an_api(Account.objects.get(), "orders", {"AllowOrigins": [ORIGIN]})
    assert signed_in.get("/").context["is_calm"] and client.get(wall).context["is_calm"]
    Account.objects.update(enabled=False)
    pages = [signed_in.get("/"), client.get(wall)]
    assert not any(page.context["is_calm"] for page in pages)
    assert accounts in pages[0].content.decode() and add not in pages[0].content.decode()


def test_sign_in_leads_to_it(client: Client, admin: User) -> None:
    assert client.get("/")["Location"] == "/sign-in/?next=/"


def test_a_failing_probe_and_its_incident_name_cause_and_change(api: HttpApi, asked: Any, admin: User) -> None:
    probe = probe_edits.save(api, {"origin": "https://evil.example", "path": "/items", "failures": 1}, admin)
    Probe.objects.update(last_passed_at=timezone.now() - timedelta(hours=1), state="up")
    run([probe.pk])
    incidents.settle_flips()
    found = asked()
    [failing], [incident] = found["failing"]["items"], found["incidents"]["items"]
    assert (failing["id"], failing["api"], failing["cause"]) == (probe.pk, api.pk, "origin-not-allowed")
    assert (incident["api"], incident["url"]) == (api.pk, f"/incidents/{incident['id']}/")


def test_a_probe_that_never_passed_is_listed(api: HttpApi, asked: Any, admin: User) -> None:
    probe = probe_edits.save(api, {"origin": "https://evil.example", "path": "/items", "failures": 5}, admin)
    run([probe.pk])
    assert [item["id"] for item in asked()["failing"]["items"]] == [probe.pk]


def test_what_broke_just_now_comes_first(api: HttpApi, asked: Any, admin: User) -> None:
    """Before what has failed for long, and before what never worked, however many there are."""
    now = timezone.now()
    made = [probe_edits.save(api, {"origin": "https://x.example", "name": str(n)}, admin).pk for n in range(8)]
    Probe.objects.update(state="down", failing_since=now)
    for minutes, pk in ((90, made[0]), (10, made[1]), (30, made[2])):
        since = now - timedelta(minutes=minutes)
        Probe.objects.filter(pk=pk).update(failing_since=since, last_passed_at=since - timedelta(minutes=1))
    assert [item["id"] for item in asked()["failing"]["items"]][:3] == [made[1], made[2], made[0]]


def test_the_newest_incident_comes_first_and_acknowledged_ones_last(asked: Any) -> None:
    now = timezone.now()
    made, owner = [], an_account()
    for name, minutes, acknowledged in (("a", 90, False), ("b", 10, True), ("c", 30, False)):
        row = an_api(owner, name, None)
        times = {"opened_at": now - timedelta(minutes=minutes), "acknowledged_at": now if acknowledged else None}
        made.append(Incident.objects.create(api=row, summary=name, **times).pk)
    assert [item["id"] for item in asked()["incidents"]["items"]] == [made[2], made[0], made[1]]


def test_the_failing_probes_are_as_many_as_in_the_list_that_they_lead_to(
    api: HttpApi, asked: Any, signed_in: Client, admin: User
) -> None:
    names = ("never passed", "down", "flapping", "paused", "failed once", "good", "of a deleted API")
    made = {name: probe_edits.save(api, {"origin": "https://x.example", "name": name}, admin) for name in names}

    def store(name: str, **values: Any) -> None:
        Probe.objects.filter(pk=made[name].pk).update(**values)

    now = timezone.now()
    store("never passed", state="failing", failing_since=now)
    for name, state in (("down", "down"), ("flapping", "flapping"), ("paused", "down"), ("failed once", "failing")):
        store(name, state=state, failing_since=now, last_passed_at=now, enabled=name != "paused")
    store("good", state="up", last_passed_at=now)
    deleted = an_api(api.account, "deleted", None)
    HttpApi.objects.filter(pk=deleted.pk).update(gone_at=now)
    store("of a deleted API", state="down", api=deleted)
    shown = signed_in.get("/")
    [section] = [section for section in shown.context["sections"] if section.key == "failing"]
    assert asked()["failing"]["count"] == section.count == 3
    listed = signed_in.get(section.url)
    assert {probe.name for probe in listed.context["page"]} == {"never passed", "down", "flapping"}
    chosen = '<option value="trouble" selected>In trouble (3)</option>'
    assert chosen in listed.content.decode()


def test_each_section_has_its_rows(asked: Any, admin: User) -> None:
    account = an_account()
    api = an_api(account, "orders", {"AllowOrigins": [ORIGIN]})
    now = timezone.now()
    change = history.record_live(api, {"AllowOrigins": ["*"], "AllowCredentials": True}, now)
    assert change is not None
    Proposal.objects.create(
        api=api, state="waiting", kind="panel", summary="Added x", proposer=admin, proposer_name="admin", at=now
    )
    common = {"api": api, "state": "active", "lasts": 60, "granted_by_name": "admin", "at": now}
    Grant.objects.create(origin="https://soon.example", ends_at=now + timedelta(hours=2), **common)
    Grant.objects.create(origin="https://later.example", ends_at=now + timedelta(days=2), **common)
    failed_sync(account, "us-east-1")
    found = asked()
    assert {key: found[key]["count"] for key in KEYS} == {
        "failing": 0, "incidents": 0, "drift": 1, "proposals": 1, "grants": 1, "syncs": 1, "findings": 1,
    }  # fmt: skip
    assert found["drift"]["items"][0]["id"] == change.pk
    assert found["grants"]["items"][0]["title"] == "https://soon.example"
    assert found["syncs"]["items"][0]["detail"] == "expired"


def failed_sync(account: Account, region: str) -> SyncRun:
    """A full run whose one region failed."""
    now = timezone.now()
    run = SyncRun.objects.create(started_at=now, finished_at=now)
    SyncRegion.objects.create(run=run, account=account, region=region, state="failed", error="expired", finished_at=now)
    return run


def test_a_region_that_was_read_since_is_no_failure(asked: Any) -> None:
    account = an_account()
    run = failed_sync(account, "us-east-1")
    later = SyncRun.objects.create(started_at=timezone.now(), account=account, region="us-east-1")
    SyncRegion.objects.create(run=later, account=account, region="us-east-1", state="done")
    assert asked()["syncs"]["count"] == 0
    SyncRegion.objects.filter(run=later).delete()
    Account.objects.update(enabled=False)
    assert asked()["syncs"]["count"] == 0
    assert run.regions.count() == 1


def test_without_an_api_a_failed_sync_is_not_said_to_have_found_none(signed_in: Client) -> None:
    account = an_account()
    SyncRun.objects.create(started_at=timezone.now(), finished_at=timezone.now())
    assert b"The last sync found no HTTP API" in signed_in.get("/").content
    failed_sync(account, "us-east-1")
    text = signed_in.get("/").content
    assert b"The last sync failed" in text and b"found no HTTP API" not in text


@pytest.mark.once
def test_the_number_of_queries_does_not_grow(
    api: HttpApi, signed_in: Client, admin: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        probe_edits.save(api, {"origin": f"https://evil{number}.example", "path": "/items", "failures": 1}, admin)
        an_api(api.account, f"bad{number}", {"AllowOrigins": ["*"], "AllowCredentials": True})
    run(list(Probe.objects.values_list("pk", flat=True)))
    with django_assert_max_num_queries(30):
        page = signed_in.get("/")
    counts = {section.key: (section.count, len(section.items)) for section in page.context["sections"]}
    assert counts["failing"] == (8, 5)
    assert counts["findings"] == (8, 5)


def test_a_wall_screen_needs_its_own_token(client: Client, admin: User, signed_in: Client) -> None:
    api_token, wall = tokens.create(admin, "x")[1], tokens.create(admin, "tv", purpose="wall")[1]
    stranger = Client()
    page = stranger.get(f"/wall/{wall}/")
    assert (page.status_code, page["Referrer-Policy"], page["Cache-Control"]) == (200, "no-referrer", "no-store")
    assert stranger.get(f"/wall/{api_token}/").status_code == 404
    assert stranger.get("/api/v1/apis", headers={"Authorization": f"Bearer {wall}"}).status_code == 401
    made = signed_in.post("/settings/tokens/", {"name": "hall", "days": "30", "purpose": "wall"})
    address = made.context["wall_address"].removeprefix("http://testserver")
    assert stranger.get(address).status_code == 200
    row = made.context["made"]
    signed_in.post(f"/settings/tokens/{row.pk}/revoke/")
    assert stranger.get(address).status_code == 404
