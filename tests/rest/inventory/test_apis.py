"""Accounts and APIs: what is answered about them, which are found, and a plan before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apis.cors.formats import FORMATS
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.inventory.models import Account, Change, HttpApi
from apis.probing.models import Probe
from tests.demo.clients import control
from tests.inventory.mirror import an_account, an_api
from tests.rest.conftest import Program
from tests.support.mirrored import START

CORS = {
    "AllowCredentials": True,
    "AllowHeaders": ["content-type"],
    "AllowMethods": ["GET", "POST"],
    "AllowOrigins": ["https://app.example.com", "http://localhost:3000"],
    "ExposeHeaders": ["x-total"],
    "MaxAge": 600,
}


def test_an_api_is_reported_with_its_six_fields_by_awss_names(reader: Program, db: None) -> None:
    row = an_api(an_account(), "orders", CORS, endpoint="https://abc.execute-api.us-east-1.amazonaws.com")
    found = reader.get(f"apis/{row.pk}").good()
    assert found["findings"][0].keys() == {"code", "title", "severity", "field", "value", "why", "todo", "fix"}
    assert {
        "id": row.pk,
        "api_id": row.api_id,
        "name": "orders",
        "account": "production",
        "region": "us-east-1",
        "endpoint": "https://abc.execute-api.us-east-1.amazonaws.com",
        "cors": CORS,
        "version": 1,
        "gone_at": None,
    }.items() <= found.items()


@pytest.mark.parametrize("cors", [None, {}, {"MaxAge": 5}])
def test_off_empty_and_set_are_three_things(reader: Program, db: None, cors: dict[str, Any] | None) -> None:
    row = an_api(an_account(), "orders", cors)
    assert reader.get(f"apis/{row.pk}").good()["cors"] == cors


def test_an_account_is_reported_without_the_way_to_it(reader: Program, db: None) -> None:
    row = an_account("shop", aws_account_id="123456789012", method="role", role_arn="arn:x", external_id="hush")
    [[found]] = reader.pages("accounts")
    assert found == {
        "id": row.pk,
        "name": "shop",
        "aws_account_id": "123456789012",
        "regions": ["us-east-1"],
        "read_only": False,
        "enabled": True,
    }


class TestTheList:
    """GET apis."""

    @pytest.fixture(autouse=True)
    def fleet(self, db: None) -> None:
        """APIs in two accounts."""
        one, two = an_account("one"), an_account("two")
        an_api(one, "Beta", {"AllowOrigins": ["https://app.example.com"]})
        an_api(one, "alpha", {"AllowOrigins": ["*"]}, region="eu-west-1")
        an_api(two, "gamma", {"AllowOrigins": ["https://*"]}, api_id="findmebyid")
        an_api(two, "delta", None)
        gone = an_api(two, "omega", {"AllowOrigins": ["*"]})
        gone.gone_at = gone.last_seen_at
        gone.save()

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["alpha", "Beta", "delta", "gamma"]),
            ("search=ALPH", ["alpha"]),
            ("search=findmebyid", ["gamma"]),
            ("search=app.example", ["Beta"]),
            ("account=two", ["delta", "gamma"]),
            ("region=eu-west-1", ["alpha"]),
            ("account=one&region=us-east-1", ["Beta"]),
            ("search=nothing", []),
            ("origin=https://app.example.com", ["alpha", "Beta", "gamma"]),
            ("origin=https://other.example", ["alpha", "gamma"]),
            ("origin=http://other.example", ["alpha"]),
            ("origin=null", []),
        ],
    )
    def test_finds(self, reader: Program, query: str, names: list[str]) -> None:
        assert [[row["name"] for row in page] for page in reader.pages(f"apis?{query}")] == [names]

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 200])
    def test_its_pages_hold_each_api_once(self, reader: Program, limit: int) -> None:
        pages = reader.pages(f"apis?limit={limit}&search=a")
        assert [row["name"] for page in pages for row in page] == ["alpha", "Beta", "delta", "gamma"]
        assert all(len(page) == limit for page in pages[:-1])

    def test_a_page_stays_where_it_is_when_apis_come_in_before_it(self, reader: Program) -> None:
        first = reader.get("apis?limit=2").good()
        an_api(Account.objects.get(name="one"), "aaa", None)
        assert [row["name"] for row in reader.get(first["next"]).good()["items"]] == ["delta", "gamma"]

    def test_its_cost_does_not_grow(self, reader: Program, django_assert_max_num_queries: Any) -> None:
        for number in range(20):
            an_api(Account.objects.get(name="one"), f"more {number}", CORS)
        reader.get("apis?limit=1").good()  # its token's use is noted, once a minute
        with django_assert_max_num_queries(4):
            assert len(reader.get("apis?limit=200").good()["items"]) == 24


class TestThePlan:
    """POST apis/{id}/plan."""

    def test_says_what_would_change_and_for_whom(self, reader: Program, api: HttpApi, live: Callable[..., Any]) -> None:
        probe = Probe.objects.create(api=api, name="p", origin="https://a.example", path="/items")
        proposed = {"AllowOrigins": ["https://b.example/"], "AllowMethods": ["GET"], "MaxAge": 60}
        found = reader.post(f"apis/{api.pk}/plan", {"cors": proposed}).good()
        assert {"diff", "findings", "impact", "conflict"} <= found.keys()
        assert found["diff"] == [
            {
                "field": "AllowOrigins",
                "before": ["https://a.example"],
                "after": ["https://b.example/"],
                "added": ["https://b.example/"],
                "removed": ["https://a.example"],
            },
            {"field": "MaxAge", "before": 600, "after": 60, "added": [], "removed": []},
        ]
        assert [one["field"] for one in found["findings"] if one["severity"] == "error"] == ["AllowOrigins"]
        lost = [row for row in found["impact"] if row.get("probe") == probe.pk]
        assert [(row["before"], row["after"]) for row in lost] == [("allowed", "blocked")]
        assert lost[0]["code"]
        assert "/items" in str(lost[0]["call"])
        assert lost[0]["reason"].startswith("The preflight") or "Access-Control" in lost[0]["reason"]
        assert found["conflict"] is None
        assert live().to_aws() == START, "nothing was sent"
        assert not Change.objects.filter(api=api).exclude(kind="discovered").exists()

    def test_says_how_long_browsers_hold_on_to_the_old_answer(self, reader: Program, api: HttpApi) -> None:
        proposed = START | {"AllowOrigins": ["https://b.example"]}
        holding = reader.post(f"apis/{api.pk}/plan", {"cors": proposed}).good()["holding"]
        assert holding["held"] == {"chrome": 600, "firefox": 600, "safari": 600}
        assert holding["arriving"] == ["calls from https://a.example"]
        assert holding["safe_order"] == [
            {"step": "let_in"}, {"step": "shorten", "MaxAge": 0}, {"step": "wait", "seconds": 600}, {"step": "apply"},
        ]  # fmt: skip
        added = START | {"AllowOrigins": ["https://a.example", "https://b.example"]}
        assert reader.post(f"apis/{api.pk}/plan", {"cors": added}).good()["holding"] is None

    def test_says_which_calls_wait_for_a_deployment(self, reader: Program, db: None) -> None:
        prod = [{"name": "prod", "auto_deploy": False}]
        for stages, waits in ((None, None), (prod, "prod")):
            fields = {"endpoint": "https://abc.execute-api.example", "stages": stages}
            row = an_api(an_account(f"for {waits}"), "orders", START, **fields)
            found = reader.post(f"apis/{row.pk}/plan", {"cors": START | {"AllowOrigins": []}}).good()
            assert [(one["after"], one["stage"]) for one in found["impact"]] == [("blocked", waits)]

    def test_says_what_script_can_no_longer_read_and_what_was_not_tried(self, reader: Program, db: None) -> None:
        row = an_api(an_account(), "orders", START | {"ExposeHeaders": ["x-total"], "AllowHeaders": ["x-cart-id"]})
        many = [f"app-{number:02}" for number in range(12)]
        found = reader.post(f"apis/{row.pk}/plan", {"cors": START | {"AllowHeaders": many}}).good()
        assert (found["origins_left_out"], found["headers_left_out"]) == (0, 2)
        body = {one["call"]: (one["before"], one["after"], one["reason"]) for one in found["impact"]}
        assert body["GET"] == ("allowed", "allowed", "Scripts can no longer read x-total.")
        assert body["GET with x-cart-id"][:2] == ("allowed", "blocked")

    def test_gives_the_change_in_every_tools_form(self, reader: Program, api: HttpApi) -> None:
        found = reader.post(f"apis/{api.pk}/plan", {"cors": START | {"MaxAge": 60}}).good()
        written = {one["format"]: one for one in found["elsewhere"]}
        assert written.keys() == FORMATS.keys()
        for name, form in FORMATS.items():
            if form.parse:
                assert form.parse(written[name]["text"]).max_age == 60
        assert "+" in written["terraform"]["patch"] and not written["cli"]["patch"]

    def test_shows_findings_that_stay(self, reader: Program, api: HttpApi) -> None:
        found = reader.post(f"apis/{api.pk}/plan", {"cors": START | {"MaxAge": 60}}).good()
        codes = [one["code"] for one in found["findings"]]
        assert sorted(codes) == sorted(found["new"] + found["unchanged"])

    def test_says_that_cors_is_switched(self, reader: Program, api: HttpApi) -> None:
        found = reader.post(f"apis/{api.pk}/plan", {"cors": None}).good()
        assert found["diff"][0] == {"field": "cors", "before": True, "after": False, "added": [], "removed": []}

    def test_shows_the_conflict_when_aws_has_moved_on(
        self, reader: Program, api: HttpApi, outside: Callable[..., None]
    ) -> None:
        outside(**START | {"MaxAge": 7})
        found = reader.post(f"apis/{api.pk}/plan", {"cors": None, "version": api.version}).good()
        assert found["conflict"] == {"seen": START, "live": START | {"MaxAge": 7}, "proposed": None}

    def test_works_from_the_mirror_while_aws_is_away(self, reader: Program, api: HttpApi, faults: Faults) -> None:
        assert reader.post(f"apis/{api.pk}/plan", {"cors": None}).good()["unchecked"] is None
        faults.add("broken", operation="GetApi", api=api.api_id)
        found = reader.post(f"apis/{api.pk}/plan", {"cors": None}).good()
        assert found["summary"] == "turn CORS off"
        assert "AWS failed at" in found["unchecked"]

    def test_of_an_api_that_aws_has_no_more_says_so(self, reader: Program, api: HttpApi, demo: Demo) -> None:
        control(demo).delete_api(ApiId=api.api_id)
        reader.post(f"apis/{api.pk}/plan", {"cors": None}).problem(409)

    @pytest.mark.parametrize(
        ("cors", "field"),
        [
            ({"AllowOrigin": []}, "AllowOrigin"),
            ({"AllowOrigins": "https://a.example"}, "AllowOrigins"),
            ({"AllowOrigins": [1]}, "AllowOrigins"),
            ({"MaxAge": "600"}, "MaxAge"),
            ({"MaxAge": True}, "MaxAge"),
            ({"AllowCredentials": "true"}, "AllowCredentials"),
            ([], "cors"),
            ("off", "cors"),
        ],
    )
    def test_names_the_invalid_field(self, reader: Program, db: None, cors: Any, field: str) -> None:
        row = an_api(an_account(), "orders", CORS)
        reader.post(f"apis/{row.pk}/plan", {"cors": cors}).problem(422, field)

    def test_of_a_version_that_never_was(self, reader: Program, db: None) -> None:
        row = an_api(an_account(), "orders", CORS)
        reader.post(f"apis/{row.pk}/plan", {"cors": None, "version": 99}).problem(422, "version")
        reader.post(f"apis/{row.pk}/plan", {"cors": None, "version": 10**30}).problem(422, "version")

    def test_of_an_api_that_is_not_there(self, reader: Program, db: None) -> None:
        reader.post("apis/4711/plan", {"cors": None}).problem(404)


def test_an_api_shows_which_tool_owns_it(reader: Program, api: HttpApi) -> None:
    assert reader.get(f"apis/{api.pk}").good()["owner"] is None
    HttpApi.objects.filter(pk=api.pk).update(tags={"aws:cloudformation:stack-name": "shop"})
    found = reader.get(f"apis/{api.pk}").good()["owner"]
    assert (found["tool"], found["confidence"]) == ("cloudformation", "certain")
