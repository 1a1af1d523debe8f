"""APIs side by side: what differs is marked, siblings are found by name, a field is taken over through the panel."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from apis.cors.policy import FIELDS, CorsPolicy
from apis.errors import AppError
from apis.insight import comparison
from apis.inventory.models import Account, Change, HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.axe import accessible

pytestmark = pytest.mark.once

DEV = {
    "AllowOrigins": ["https://app.dev.example.com", "http://localhost:3000"],
    "AllowMethods": ["GET", "POST"],
    "AllowHeaders": ["Content-Type"],
    "MaxAge": 60,
}
PROD = {
    "AllowOrigins": ["https://app.example.com"],
    "AllowMethods": ["POST", "GET"],
    "AllowHeaders": ["content-type"],
    "MaxAge": 600,
    "AllowCredentials": True,
}


@pytest.fixture
def trio(db: None) -> dict[str, HttpApi]:
    """One API in three places, and another."""
    one, two = an_account("one"), an_account("two")
    return {
        "dev": an_api(one, "orders-dev", DEV),
        "prod": an_api(two, "orders-prod", PROD),
        "off": an_api(two, "orders_staging", None),
        "users": an_api(two, "users-prod", {"AllowOrigins": ["*"]}),
    }


def address(*apis: HttpApi) -> str:
    return "/compare/?" + "&".join(f"api={api.pk}" for api in apis)


def text(answer: Any) -> str:
    """A page's text without its tags."""
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


class TestTheGrid:
    """Which fields and entries differ."""

    def test_marks_what_only_one_has_and_what_it_lacks(self, trio: dict[str, HttpApi]) -> None:
        rows = {row.name: row for row in comparison.grid([trio["dev"], trio["prod"]])}
        assert list(rows) == list(FIELDS)
        cell = rows["AllowOrigins"].cells[1]
        assert (cell.added, cell.removed) == (
            ("https://app.example.com",),
            ("https://app.dev.example.com", "http://localhost:3000"),
        )
        differing = [name for name, row in rows.items() if row.differs]
        assert differing == ["AllowOrigins", "MaxAge", "AllowCredentials"], "neither order nor a header's case"

    def test_of_one_api_has_no_differences(self, trio: dict[str, HttpApi]) -> None:
        assert not any(row.differs for row in comparison.grid([trio["dev"]]))

    def test_takes_off_for_nothing_at_all(self, trio: dict[str, HttpApi]) -> None:
        rows = comparison.grid([trio["off"], trio["dev"]])
        assert rows[0].cells[1].added == tuple(DEV["AllowOrigins"])  # type: ignore[arg-type]


entries = st.lists(st.sampled_from(["a", "b", "c"]), unique=True)
policies = st.one_of(
    st.just(CorsPolicy.off()),
    st.builds(
        lambda origins, methods, age: CorsPolicy.from_aws(
            {"AllowOrigins": origins, "AllowMethods": methods, "MaxAge": age}
        ),
        entries,
        entries,
        st.integers(-1, 5),
    ),
)


@given(policies, policies, st.sets(st.sampled_from(FIELDS)))
def test_taking_fields_changes_these_and_no_other(mine: CorsPolicy, other: CorsPolicy, names: set[str]) -> None:
    if not other.on and names:
        with pytest.raises(AppError):
            comparison.with_fields(mine, other, names)
        return
    after = comparison.with_fields(mine, other, names)
    assert after.on == (other.on or bool(names)), "off is taken over as a whole"
    if not after.on:
        return
    for name in FIELDS:
        wanted = other if name in names or not names else mine
        assert set(map(str, _listed(after.get(name)))) == set(map(str, _listed(wanted.get(name))))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class TestSiblings:
    """The same API elsewhere, by its name."""

    @pytest.mark.parametrize(
        ("name", "stem"),
        [
            ("orders-dev", "orders"),
            ("prod.orders", "orders"),
            ("Orders_API STAGING", "orders-api"),
            ("orders", "orders"),
            ("devices", "devices"),
            ("prod", ""),
            ("", ""),
        ],
    )
    def test_a_name_without_its_environment(self, name: str, stem: str) -> None:
        assert comparison.stem(name) == stem

    def test_are_found_in_every_account(self, trio: dict[str, HttpApi]) -> None:
        assert comparison.siblings(trio["dev"]) == [trio["prod"], trio["off"]]
        assert comparison.siblings(trio["dev"], but=[trio["prod"].pk]) == [trio["off"]]
        assert comparison.siblings(trio["users"]) == []

    def test_a_name_that_says_only_where_has_none(self, db: None) -> None:
        account = an_account()
        assert comparison.siblings(an_api(account, "prod", None)) == []


class TestThePage:
    """/compare/."""

    def test_shows_the_apis_in_the_order_asked_for(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        page = signed_in.get(address(trio["prod"], trio["dev"])).content.decode()
        heads = re.findall(r'<th scope="col">([\w-]+)</th>', page)
        assert heads == ["Field", "orders-prod", "orders-dev"]
        assert "Differences from orders-prod are marked" in text(signed_in.get(address(trio["prod"], trio["dev"])))

    def test_suggests_siblings(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        shown = text(signed_in.get(address(trio["dev"])))
        assert "Similar names" in shown
        assert "orders-prod" in shown and "orders_staging" in shown
        assert "users-prod" not in shown
        assert "Similar names" not in text(signed_in.get(address(trio["dev"], trio["prod"], trio["off"])))

    def test_finds_another_by_name(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        page = signed_in.get(address(trio["dev"]) + "&find=users").content.decode()
        more = f'href="/compare/?api={trio["dev"].pk}&amp;api={trio["users"].pk}"'
        assert more in page
        assert "No other API matches" in text(signed_in.get(address(trio["dev"]) + "&find=nothing"))

    def test_of_what_the_list_finds(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        went = signed_in.get("/compare/?search=orders-")
        assert parse_qs(urlsplit(went["Location"]).query) == {"api": [str(trio["dev"].pk), str(trio["prod"].pk)]}

    @pytest.mark.parametrize("query", ["", "?api=x", "?api=4711", "?api=99999999999999999999", "?search=%00", "?api="])
    def test_of_nothing(self, signed_in: Client, trio: dict[str, HttpApi], query: str) -> None:
        assert "Nothing to compare yet" in text(signed_in.get(f"/compare/{query}"))

    def test_leaves_out_those_that_do_not_fit(self, signed_in: Client, db: None) -> None:
        account = an_account()
        apis = [an_api(account, f"a{n}", None) for n in range(10)]
        assert "2 were left out" in text(signed_in.get(address(*apis)))

    def test_is_linked_from_an_api(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        page = signed_in.get(f"/apis/{trio['dev'].pk}/").content.decode()
        assert f'href="/compare/?api={trio["dev"].pk}"' in page

    def test_costs_the_same_for_two_and_for_eight(
        self, signed_in: Client, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        account = an_account()
        apis = [an_api(account, f"svc-{n}", DEV) for n in range(8)]
        for chosen in (apis[:2], apis):
            with django_assert_max_num_queries(9):
                signed_in.get(address(*chosen) + "&find=svc")

    def test_a_viewer_looks_and_takes_nothing(self, client: Client, viewer: User, trio: dict[str, HttpApi]) -> None:
        client.force_login(viewer)
        page = client.get(address(trio["dev"], trio["prod"])).content.decode()
        assert "compare/take" not in page
        assert client.get(f"/compare/take/?from={trio['dev'].pk}&to={trio['prod'].pk}").status_code == 403


class TestTaking:
    """A field of one API into another: the panel opens with it."""

    def taken(self, client: Client, source: HttpApi, target: HttpApi, *fields: str) -> Any:
        chosen = "".join(f"&field={name}" for name in fields)
        went = client.get(f"/compare/take/?from={source.pk}&to={target.pk}{chosen}")
        assert went.status_code == 302
        place = urlsplit(went["Location"])
        assert place.path == f"/apis/{target.pk}/configure/"
        assert client.get(went["Location"]).status_code == 200
        return json.loads(parse_qs(place.query)["cors"][0])

    def test_one_field(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        assert self.taken(signed_in, trio["dev"], trio["prod"], "MaxAge") == PROD | {"MaxAge": 60}
        assert not Change.objects.exclude(kind="discovered").exists(), "Nothing is applied yet"

    def test_all_that_differs(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        found = CorsPolicy.from_aws(self.taken(signed_in, trio["dev"], trio["prod"]))
        assert found == trio["dev"].policy

    def test_into_one_that_is_off(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        assert self.taken(signed_in, trio["dev"], trio["off"], "AllowMethods") == {"AllowMethods": ["GET", "POST"]}

    def test_what_is_no_field_is_passed_over(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        assert self.taken(signed_in, trio["dev"], trio["prod"], "MaxAge", "Nope")["MaxAge"] == 60

    def test_is_not_offered_where_editing_is_refused(self, signed_in: Client, trio: dict[str, HttpApi]) -> None:
        Account.objects.filter(name="two").update(read_only=True)
        shown = text(signed_in.get(address(trio["dev"], trio["prod"])))
        assert "read-only" in shown

    @pytest.mark.parametrize("query", ["", "from=1", "from=x&to=1", "from=4711&to=4711"])
    def test_of_what_is_not_there(self, signed_in: Client, db: None, query: str) -> None:
        assert signed_in.get(f"/compare/take/?{query}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_is_for_everyone(signed_in_page: Any, live_server: Any, trio: dict[str, HttpApi]) -> None:
    page = signed_in_page
    for query in (address(trio["dev"]) + "&find=users", address(*trio.values()), "/compare/"):
        page.goto(live_server.url + query)
        accessible(page)


@pytest.mark.django_db(transaction=True)
def test_from_the_list_to_the_plan_of_one_field(
    signed_in_page: Any, live_server: Any, trio: dict[str, HttpApi]
) -> None:
    page = signed_in_page
    page.goto(live_server.url + "/apis/?search=orders")
    page.get_by_role("checkbox", name="Select orders-dev").check()
    page.get_by_role("checkbox", name="Select orders-prod").check()
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare/**")
    page.get_by_role("checkbox", name="Access-Control-Max-Age into orders-prod").check()
    page.get_by_role("button", name="Configure… orders-prod").click()
    page.wait_for_url("**/configure/**")
    assert page.locator('[name="MaxAge"]').input_value() == "60"
    page.get_by_role("button", name="Review plan").click()
    page.wait_for_url("**/plan/**")
    assert "max-age 600 → 60" in re.sub(r"\s+", " ", page.inner_text("main")) or "60 seconds" in page.inner_text("main")
