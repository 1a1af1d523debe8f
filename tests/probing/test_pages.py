"""The pages of probes and their results, over HTTP: made, changed, found, run and deleted, and what is refused."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from apis.access.models import AuditEvent
from apis.demo.emulator.faults import Faults
from apis.inventory.history.history import record_live
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits
from apis.probing.models import Flip, Probe, Result
from apis.probing.runs import schedule
from apis.probing.runs.runner import run

pytestmark = pytest.mark.once

A_CALL = {
    "origin": "https://a.example", "method": "GET", "path": "/items", "headers": "", "expect": "allowed",
    "interval": "300", "failures": "2", "name": "", "enabled": "on",
}  # fmt: skip


def words(page: Any) -> str:
    """What a page says, blanks made single."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The API with its stages read, so that its addresses are known."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


@pytest.fixture
def call(known: HttpApi) -> dict[str, str]:
    """A form filled in."""
    return {**A_CALL, "base_url": known.endpoint}


@pytest.fixture
def probe(known: HttpApi) -> Probe:
    """A probe that passes."""
    return probe_edits.save(known, {"origin": "https://a.example", "path": "/items", "failures": 1, "interval": 60})


def test_a_probe_is_made_on_the_apis_page_and_says_what_it_is(
    signed_in: Client, known: HttpApi, call: dict[str, str]
) -> None:
    form = signed_in.get(f"/apis/{known.pk}/probes/add/")
    assert 'value="https://a.example"' in form.content.decode(), "the API's own origin is there already"
    made = signed_in.post(f"/apis/{known.pk}/probes/add/", call | {"headers": "authorization, X-One"})
    probe = Probe.objects.get()
    assert made.headers["Location"] == f"/probes/{probe.pk}/?waiting=0"
    assert (probe.name, probe.headers) == ("GET /items from https://a.example", ["authorization", "X-One"])
    assert AuditEvent.objects.filter(action="added a probe", target=str(probe)).exists()
    followed = signed_in.get(made.headers["Location"])
    assert 'hx-trigger="every 500ms"' in followed.content.decode(), "its first result is looked for at once"
    assert 'class="count ' not in followed.content.decode(), "nothing waits in the side navigation"
    page = words(followed)
    for text in (
        "Running now",
        "Waiting for the first result",
        "Every 5 minutes",
        "authorization",
        known.endpoint,
    ):
        assert text in page


def test_the_form_has_the_request_headers_that_clients_of_the_api_send(signed_in: Client, known: HttpApi) -> None:
    record_live(
        known, {"AllowOrigins": ["https://a.example"], "AllowHeaders": ["content-type", "X-One"]}, timezone.now()
    )
    routes = [{"key": "GET /items", "authorization": "CUSTOM", "authorizer": "a"}, {"key": "POST /items"}]
    HttpApi.objects.filter(pk=known.pk).update(routes=routes)

    def filled_in(**query: str) -> str:
        form = signed_in.get(f"/apis/{known.pk}/probes/add/", query).context["form"]
        return str(form["headers"].value())

    assert filled_in() == "X-One, authorization"
    assert filled_in(method="POST") == "content-type, X-One"
    assert filled_in(headers="") == "", "a call that was explained without headers is watched without"
    record_live(known, {"AllowOrigins": ["https://a.example"], "AllowHeaders": ["x" * 201, "X-One"]}, timezone.now())
    assert filled_in() == "X-One, authorization", "the form refuses longer names"


@pytest.mark.parametrize(
    ("entries", "origin"),
    [
        (["https://*", "https://Shop.example/cart", "https://b.example"], "https://shop.example"),
        (["https://a.example"], "https://a.example"),
        (["*"], ""),
        (["null"], "null"),
    ],
)
def test_the_form_has_an_origin_that_browsers_send(
    signed_in: Client, known: HttpApi, entries: list[str], origin: str
) -> None:
    record_live(known, {"AllowOrigins": entries}, timezone.now())
    form = signed_in.get(f"/apis/{known.pk}/probes/add/").context["form"]
    assert form["origin"].value() == origin
    assert form.origins[:1] == [origin][: bool(origin)]


def test_every_field_that_people_set_has_an_input(signed_in: Client, known: HttpApi) -> None:
    page = signed_in.get(f"/apis/{known.pk}/probes/add/").content.decode()
    inputs = set(re.findall(r'<(?:input|select|textarea)\b[^>]* name="(\w+)"', page))
    assert {*probe_edits.FIELDS, "secret"} - inputs == set()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("origin", "", "This field is required."),
        ("origin", "https://a.example/", "Browsers send this origin as https://a.example. Use that."),
        ("origin", "a.example", "Must be an origin"),
        ("path", "/a b", "Must have no spaces"),
        ("base_url", "https://elsewhere.example", "Select a valid choice"),
        ("headers", "authorization, bad(name", "bad(name is not a header name."),
        ("headers", "Host", "Scripts cannot set Host"),
        ("failures", "0", "greater than or equal to 1"),
        ("failures", "many", "Enter a whole number."),
        ("interval", "1", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    signed_in: Client, known: HttpApi, call: dict[str, str], field: str, value: str, message: str
) -> None:
    answer = signed_in.post(f"/apis/{known.pk}/probes/add/", call | {field: value, "name": "mine, kept"})
    page = answer.content.decode()
    assert answer.status_code == 422
    error = re.search(rf'id="id_{field}_errors".*?<span>(.*?)</span>', page, re.DOTALL)
    assert error and message in html.unescape(error[1]), f"at {field}: {error and error[1]}"
    assert "mine, kept" in page
    assert not Probe.objects.exists()


def test_a_probe_is_changed_and_starts_again_when_its_call_did(
    signed_in: Client, probe: Probe, call: dict[str, str]
) -> None:
    run([probe.pk])
    signed_in.post(f"/probes/{probe.pk}/edit/", call | {"name": "renamed", "interval": "900"})
    probe.refresh_from_db()
    assert (probe.name, probe.interval, probe.state) == ("renamed", 900, "up")
    signed_in.post(f"/probes/{probe.pk}/edit/", call | {"origin": "https://b.example"})
    probe.refresh_from_db()
    assert (probe.origin, probe.state) == ("https://b.example", "new")
    assert "Not run yet" in words(signed_in.get("/probes/"))


def test_a_probe_that_is_switched_off_promises_no_run(signed_in: Client, probe: Probe) -> None:
    assert "Not run yet. It runs within seconds." in words(signed_in.get(f"/probes/{probe.pk}/"))
    Probe.objects.filter(pk=probe.pk).update(enabled=False)
    assert "The probe is paused; choose Run now to run it." in words(signed_in.get(f"/probes/{probe.pk}/"))


def test_deleting_keeps_the_history_and_is_on_record(signed_in: Client, probe: Probe) -> None:
    """Flips are history, and nothing deletes them."""
    run([probe.pk])
    flips = Flip.objects.count()
    assert signed_in.get(f"/probes/{probe.pk}/delete/").status_code == 405
    gone = signed_in.post(f"/probes/{probe.pk}/delete/", follow=True)
    assert f"Probe “{probe.name}” deleted." in words(gone)
    assert flips and Flip.objects.count() == flips
    assert Result.objects.exists()
    assert signed_in.get(f"/probes/{probe.pk}/").status_code == 404
    assert probe.name not in words(signed_in.get("/probes/"))
    assert schedule.claim_due() == []
    assert AuditEvent.objects.filter(action="deleted a probe").exists()


def test_a_result_shows_the_exchange_the_timings_and_the_verdict(signed_in: Client, probe: Probe) -> None:
    passed = run([probe.pk])[0]
    page = words(signed_in.get(f"/results/{passed.pk}/"))
    allowed = ("Passed", "Allowed, as expected", "access-control-allow-origin")
    for said in (*allowed, "GET http", "status 200", "first byte"):
        assert said in page


def test_a_blocked_call_leads_to_its_explanation(signed_in: Client, known: HttpApi) -> None:
    stranger = probe_edits.save(
        known, {"origin": "https://evil.example", "path": "/items", "headers": ["x-one"], "credentials": True}
    )
    run([stranger.pk])
    shown = signed_in.get(f"/probes/{stranger.pk}/")
    page = shown.content.decode()
    assert "Blocked; expected allowed" in words(shown)
    # The sentence stands once, above the results; their rows have its code.
    assert (words(shown).count("has no Access-Control-Allow-Origin header for"), page.count("<tbody>")) == (1, 1)
    assert "PreflightMissingAllowOriginHeader" in words(shown).partition("Browser verdict")[2]
    found = re.search(rf'href="(/apis/{known.pk}/explain/\?[^"]+)"', page)
    assert found
    explained = words(signed_in.get(html.unescape(found[1])))
    assert "https://evil.example" in explained
    assert "Add the origin https://evil.example" in explained


def test_a_target_without_a_response_is_shown(signed_in: Client, probe: Probe, faults: Faults) -> None:
    Probe.objects.filter(pk=probe.pk).update(base_url="https://gone.example")
    run([probe.pk])
    page = words(signed_in.get(f"/probes/{probe.pk}/"))
    assert "No response" in page
    assert "no longer answers at https://gone.example. Choose another address." in page


def test_the_list_is_searched_filtered_and_puts_trouble_first(signed_in: Client, known: HttpApi) -> None:
    good = probe_edits.save(known, {"origin": "https://a.example", "path": "/items", "name": "the good one"})
    bad = probe_edits.save(
        known, {"origin": "https://evil.example", "path": "/items", "name": "the bad one", "failures": 1}
    )
    run([good.pk, bad.pk])
    page = words(signed_in.get("/probes/"))
    assert page.index("the bad one") < page.index("the good one")
    assert "the bad one" not in words(signed_in.get("/probes/?state=up"))
    assert "the good one" not in words(signed_in.get("/probes/?search=evil"))
    assert "No matches" in words(signed_in.get("/probes/?search=nobody&state=down"))
    assert "the good one" in words(signed_in.get("/probes/?state=nonsense&page=99"))


def test_probes_of_two_hosts_are_not_mistaken_for_each_other(signed_in: Client, known: HttpApi) -> None:
    for base_url in (known.endpoint, "https://api.shop.example"):
        Probe.objects.create(api=known, name="GET /items", origin="https://a.example", base_url=base_url)
    for path in ("/probes/", f"/apis/{known.pk}/probes/"):
        page = words(signed_in.get(path))
        assert page.count("GET /items https://a.example · api.shop.example · expected: allowed") == 1
        assert page.count("GET /items https://a.example · expected: allowed") == 1


def test_pages_cost_the_same_however_many_probes_and_results_there_are(
    signed_in: Client, known: HttpApi, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    made = Probe.objects.bulk_create(
        Probe(api=known, origin=f"https://{n}.example", name=f"number {n}", beats=[[n, True, False]] * 60)
        for n in range(200)
    )
    now = timezone.now()
    Result.objects.bulk_create(Result(probe=made[0], at=now, passed=True, allowed=True) for _ in range(400))
    for path, most in (("/probes/", 12), (f"/apis/{known.pk}/probes/", 12), (f"/probes/{made[0].pk}/", 16)):
        with django_assert_max_num_queries(most):
            page = signed_in.get(path)
        assert page.status_code == 200
        assert len(page.content) <= 150_000, path


def test_viewers_look_and_do_not_touch(client: Client, viewer: User, probe: Probe) -> None:
    client.force_login(viewer)
    page = client.get(f"/probes/{probe.pk}/")
    assert page.status_code == 200
    assert "Run now" not in words(page)
    verbs = [f"/probes/{probe.pk}/{verb}/" for verb in ("run", "edit", "delete")]
    for path in (f"/apis/{probe.api_id}/probes/add/", *verbs):
        assert client.post(path).status_code == 403, path
    assert Probe.objects.exists()


def test_strangers_are_asked_to_sign_in(client: Client, probe: Probe) -> None:
    for path in ("/probes/", f"/probes/{probe.pk}/", f"/apis/{probe.api_id}/probes/", "/results/1/"):
        assert client.get(path).headers["Location"].startswith("/sign-in/")


def test_what_is_not_there_is_said(signed_in: Client, db: None) -> None:
    for path in ("/probes/99/", "/results/99/", "/apis/99/probes/", "/apis/99/probes/add/"):
        assert signed_in.get(path).status_code == 404
