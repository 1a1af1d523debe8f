"""The demo's past day: all that it promises is there, and nothing of it is made up."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from awscli.clidriver import create_clidriver
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client, override_settings
from django.urls import resolve
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from apis.access import tokens
from apis.access.roles import Role
from apis.cors.browser import judge
from apis.cors.gateway import predict
from apis.cors.judging import read_exchange
from apis.cors.policy import CorsPolicy
from apis.demo import kept
from apis.demo.breaking import break_command
from apis.demo.history.aws import MARIA, DemoApi
from apis.demo.history.making import begin, make_history
from apis.demo.history.moved_clock import moved_clock
from apis.demo.history.past import Past
from apis.demo.serve import Demo
from apis.inventory.lint_context import base_urls, routes_of
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import sync
from apis.probing.models import Flip, Probe, Result
from apis.probing.runs.calls import request_of, with_likely_response
from apis.probing.runs.schedule import place_from
from tests.demo.clients import PARTNER, control
from tests.support.people import person

type Ask = Callable[[str], Any]
NOT_FOLLOWED = {"account_logout"}


@pytest.fixture(scope="module")
def past_day(
    demo: Demo, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The day, made once, in a transaction around those of the tests; the file holds the demo's settings after it."""
    file = tmp_path_factory.mktemp("demo") / "settings.json"
    addresses = [demo.endpoint.partition("//")[2], f"127.0.0.1:{demo.gateway_port}"]
    names = {"CORSDASH_CALLS_PER_S": 1000, "CORSDASH_DEMO_ENDPOINT": demo.endpoint}
    with (
        override_settings(CORSDASH_DEMO_ADDRESSES=addresses, **names),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        person("ada", Role.ADMIN)
        assert begin(demo.endpoint)
        make_history(demo.endpoint)
        kept.save(file)
        yield file
        transaction.set_rollback(True)
    demo.reset()


@pytest.fixture(autouse=True)
def played(past_day: Path, db: None, demo: Demo) -> Iterator[Demo]:
    """The demo AWS with its past day on record; what a test changes in it is restored."""
    yield demo
    kept.load(past_day)


@pytest.fixture
def admin(played: Demo) -> User:
    """Who made the day."""
    return User.objects.get(username="ada")


@pytest.fixture
def ask(played: Demo, admin: User, client: Client) -> Ask:
    """What REST answers to a GET."""
    headers = {"Authorization": f"Bearer {tokens.create(admin, 'x')[1]}"}

    def get(path: str) -> Any:
        answer = client.get(f"/api/v1/{path}", headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return get


def test_the_day_is_on_record(ask: Ask, admin: User) -> None:
    """Probes with a day of results, drift, incidents, a proposal, a grant, a bulk job and deliveries."""
    probes = ask("probes?limit=200")["items"]
    assert 18 <= len(probes) <= 25
    assert {probe["state"] for probe in probes} == {"up", "down"}
    assert {probe["api"] for probe in probes if probe["state"] == "down"} == {_pk("orders-api")}
    now = timezone.now()
    for probe in (one for one in probes if "pr-482" not in one["origin"]):
        history = ask(f"probes/{probe['id']}/history?range=24h")
        times = [datetime.fromisoformat(bucket["at"]) for bucket in history["buckets"] if bucket["runs"]]
        assert min(times) < now - timedelta(hours=23)
        assert max(times) > now - timedelta(minutes=15)
        assert history["availability"] > 0.85

    [closed] = ask("incidents?state=closed")["items"]
    [opened] = ask("incidents?state=open")["items"]
    drift, later = (ask(f"changes/{incident['suspected_change']}") for incident in (closed, opened))
    assert (drift["kind"], drift["actor"].rpartition("/")[2]) == ("drift", "maria")
    assert (later["kind"], later["actor"].rpartition("/")[2]) == ("drift", "pipeline")
    # The first failure has AWS read: the drift is known when the incident opens.
    assert drift["at"] < closed["opened_at"] and later["at"] < opened["opened_at"]
    [revert, *_] = ask(f"apis/{_pk('shop-checkout')}/changes")["items"]
    assert (revert["kind"], revert["actor"]) == ("revert", admin.username)
    assert closed["closed_at"] > revert["at"] > closed["opened_at"]

    overview = ask("overview")
    assert {key: section["count"] for key, section in overview.items()} | {"findings": 0} == {
        "failing": 2, "incidents": 1, "drift": 2, "proposals": 1, "grants": 1, "syncs": 0, "findings": 0,
    }  # fmt: skip
    [proposal] = ask("proposals")["items"]
    assert (proposal["state"], proposal["by"]) == ("waiting", "maria")
    [grant] = ask("grants")["items"]
    assert timedelta(0) < datetime.fromisoformat(grant["ends_at"]) - now < timedelta(hours=24)
    group = {change["group"] for change in ask("changes?kind=bulk")["items"]}
    assert len(group) == 1
    assert None not in group
    sent = ask("deliveries?limit=100")["items"]
    assert {"incident.opened", "incident.closed", "change.drifted"} <= {one["event"] for one in sent}
    assert all(attempt["status"] == 200 for one in sent for attempt in one["attempts"])
    assert {one["state"] for one in sent} == {"sent"}


@pytest.mark.once
def test_each_result_is_what_its_configuration_gives(played: Demo) -> None:
    """Every exchange, judged again, gives the stored verdict, and the gateway's clock said the time of the result."""
    seen: set[int | None] = set()
    for result in Result.objects.select_related("probe__api").order_by("at"):
        if result.stored_id in seen and result.passed:
            continue
        seen.add(result.stored_id)
        assert result.exchange is not None
        exchange = read_exchange(result.exchange)
        verdict = judge(exchange if exchange.response else with_likely_response(exchange))
        assert (verdict.allowed, verdict.code or "") == (result.allowed, result.code)
        assert verdict.allowed == (result.probe.expect == Probe.Expect.ALLOWED) or not result.passed
        dates = [
            value for answer in (exchange.preflight, exchange.response) if answer for value in answer.lines("date")
        ]
        assert dates
        # A run may repeat what was observed up to two hours before.
        ages = [result.at - parsedate_to_datetime(value) for value in dates]
        assert all(timedelta(seconds=-2) <= age <= timedelta(hours=2, minutes=1) for age in ages)
    assert len(seen) > len(Probe.objects.all())
    _each_failure_has_a_cause()


def test_the_banner_leads_to_the_cause_and_is_dismissed_for_one_person(
    played: Demo, signed_in: Client, editor: User
) -> None:
    page = unescape(signed_in.get("/").content.decode())
    error = next(line for line in page.splitlines() if "Access to fetch at" in line)
    assert "orders-api" in page
    explain = page.partition('<a href="/explain/?')[2].partition('"')[0]
    assert parse_qs(explain)["pasted"][0] in error
    answer = signed_in.get(f"/explain/?{explain}")
    assert answer.context["answer"].cause.code
    assert answer.context["question"].api.name == "orders-api"
    [incident] = re.findall(r'<a href="(/incidents/\d+/)">Open the incident', page)
    assert signed_in.get(incident).context["incident"].api.name == "orders-api"

    signed_in.post("/demo/dismiss/")
    assert "Access to fetch at" not in signed_in.get("/").content.decode()
    other = Client()
    other.force_login(editor)
    assert "Access to fetch at" in unescape(other.get("/").content.decode())
    assert "demo-banner" in other.get("/").content.decode()


@pytest.mark.once
def test_the_commands_break_each_demo_api(played: Demo, signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one on the banner as it is shown, and that of every other API of both accounts."""
    page = unescape(signed_in.get("/").content.decode())
    shown = page.partition("AWS_ACCESS_KEY_ID=")
    command = (shown[1] + shown[2]).partition("</code>")[0]
    assert command == break_command(_api("shop-checkout"))
    _run(command, monkeypatch)
    sync.reread_api(_api("shop-checkout"))
    assert _api("shop-checkout").policy.allow_origins == ("https://shop.example.com",)
    for api in HttpApi.objects.select_related("account", "current").exclude(name="shop-checkout"):
        before = api.policy
        _run(break_command(api), monkeypatch)
        aws = control(played, api.region, PARTNER if api.account.name == "Demo partner" else "any")
        held = CorsPolicy.from_aws(aws.get_api(ApiId=api.api_id).get("CorsConfiguration"))
        assert held != before
        assert held.allow_origins


def test_every_link_leads_to_a_page(signed_in: Client) -> None:
    """From the overview to every page that is linked, with what the day has left on record; a few of each kind."""
    signed_in.raise_request_exception = False
    waiting, seen, kinds, broken = ["/"], {"/"}, Counter[Any](), dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        match = resolve(urlsplit(address).path)
        kind = match.route, *sorted(parse_qs(urlsplit(address).query))
        kinds[kind] += 1
        if kinds[kind] > 2 or match.url_name in NOT_FOLLOWED:
            continue
        answer = signed_in.get(address, follow=True)
        if answer.status_code != 200:
            broken[address] = answer.status_code
        elif not answer.streaming and answer["Content-Type"].startswith("text/html"):
            found = re.findall(r'(?:href|hx-get)="(/[^"#]*)', answer.content.decode())
            new = dict.fromkeys(unescape(link) for link in found if not link.startswith(("//", "/static/")))
            waiting += new.keys() - seen
            seen |= new.keys()
    assert broken == {}
    assert len({match[0] for match in kinds}) > 60


def test_every_read_operation_answers(admin: User) -> None:
    """Every GET of REST, with the ids of the day's rows in its path."""
    headers = {"Authorization": f"Bearer {tokens.create(admin, 'x')[1]}"}
    client = Client(raise_request_exception=False, headers=headers)
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    reads = sorted(path for path, item in paths.items() if "get" in item)
    ids, answered, broken = dict[str, Any](), set[str](), dict[str, int]()
    for path in reads:
        collection, _, rest = path.partition("/{")
        if rest and (found := ids.get(collection)) is not None:
            address = re.sub(r"\{\w+\}", str(found), path)
        elif not rest:
            address = path
        else:
            continue
        answer = client.get(address)
        answered.add(path)
        # An API may have no baseline, and an open incident has no report.
        if answer.status_code not in ((200, 404, 409) if rest else (200,)):
            broken[address] = answer.status_code
        elif not rest and isinstance(answer.json(), dict) and (items := answer.json().get("items")):
            ids[path.rstrip("/")] = items[0].get("id")
    assert broken == {}
    assert len(answered) > 30, sorted(answered)


def test_a_failure_at_the_end_of_a_stretch_is_tried_again_in_the_next(played: Demo) -> None:
    """Whatever the time of day is, a broken configuration brings its incident in time."""
    aws = DemoApi(played.endpoint)
    probe = Probe.objects.filter(api__name="shop-catalog", state=Probe.State.UP, expect="allowed").order_by("pk")[0]
    with moved_clock(aws) as clock:
        past = Past(clock, aws, timezone.now() + timedelta(days=1))
        past.begin(hours=10)
        aws.update_cors("shop-catalog", {"allowOrigins": ["https://other.example"]}, MARIA)
        start = int((past.now - timedelta(hours=10)).timestamp()) + 1
        place = datetime.fromtimestamp(place_from(probe.pk, probe.interval, start), UTC)
        states = []
        for seconds in (5, 65):
            past.go_to(seconds=(past.now - place).total_seconds() - seconds)
            probe.refresh_from_db()
            states.append(probe.state)
    assert states == ["failing", "down"]


def _each_failure_has_a_cause() -> None:
    """A change right before, a slow response, or an error of the gateway; and each flip was handled."""
    failed = Result.objects.filter(passed=False).select_related("probe__api", "stored__configuration").order_by("at")
    assert failed
    for result in failed:
        status = ((result.exchange or {}).get("preflight") or {}).get("status")
        api, probe = result.probe.api, result.probe
        if result.unmet or status == 503:
            assert not Flip.objects.filter(result=result, after=Probe.State.DOWN).exists()
            continue
        [newest, *_] = Change.objects.filter(api=api, at__gt=result.at - timedelta(minutes=30)).order_by("at")[:1] or [
            Change.objects.filter(api=api, at__lt=result.at).latest("at")
        ]
        assert newest.kind in (Change.Kind.DRIFT, Change.Kind.REVERT)
        broken = newest.before if newest.kind == Change.Kind.REVERT else newest.after
        assert broken is not None
        predicted = predict(broken.policy, request_of(probe), routes_of(api), bases=tuple(base_urls(api))).exchange
        assert judge(predicted).allowed is False


def _api(name: str) -> HttpApi:
    return HttpApi.objects.select_related("account", "current").get(name=name)


def _pk(name: str) -> int:
    return _api(name).pk


def _run(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a command as a shell would, by the aws command line of this environment."""
    words = shlex.split(command.replace("\\\n", " "))
    keys = dict(word.split("=", 1) for word in words if word.startswith("AWS_"))
    rest = [word for word in words if not word.startswith("AWS_")]
    assert rest[0] == "aws"
    assert urlsplit(rest[rest.index("--endpoint-url") + 1]).hostname == "127.0.0.1"
    with monkeypatch.context() as environ:
        for name, value in keys.items():
            environ.setenv(name, value)
        assert create_clidriver().main(rest[1:]) == 0
