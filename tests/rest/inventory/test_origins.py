"""Origins over REST: all in use with where, since when, by whom and what to look at; and who allows one."""

from __future__ import annotations

import pytest

from apis.inventory.models import HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.rest.conftest import Program

APP = "https://app.example.com"


@pytest.fixture
def api(db: None) -> HttpApi:
    """APIs of two accounts; the first of them."""
    first = an_api(an_account("one"), "orders", {"AllowOrigins": [APP, "http://localhost:3000"]})
    an_api(an_account("two"), "users", {"AllowOrigins": ["*", APP]})
    return first


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_each_entry_once_by_its_text(reader: Program, api: HttpApi, limit: int) -> None:
    rows = [row for page in reader.pages(f"origins?limit={limit}") for row in page]
    assert [row["origin"] for row in rows] == ["*", "http://localhost:3000", APP]
    change = api.changes.get()
    assert rows[2] == {
        "origin": APP,
        "apis": 2,
        "accounts": 2,
        "since": change.at.isoformat().replace("+00:00", "Z"),
        "flags": [],
        "first": {"api": api.pk, "change": change.pk, "kind": "discovered", "actor": None},
    }
    assert [row["flags"] for row in rows[:2]] == [["any"], ["local"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=APP.example", [APP]),
        ("flag=local", ["http://localhost:3000"]),
        ("account=two", ["*", APP]),
        ("search=nothing", []),
    ],
)
def test_filters(reader: Program, api: HttpApi, query: str, found: list[str]) -> None:
    assert [[row["origin"] for row in page] for page in reader.pages(f"origins?{query}")] == [found]


def test_a_flag_that_is_none(reader: Program, api: HttpApi) -> None:
    reader.get("origins?flag=odd").problem(422, "flag")


def test_apis_found_by_origin_say_through_what_and_since_when(reader: Program, api: HttpApi) -> None:
    [rows] = reader.pages("apis?origin=http://localhost:3000")
    assert [(row["name"], row["through"]) for row in rows] == [("orders", "http://localhost:3000"), ("users", "*")]
    assert all(row["since"].endswith("Z") for row in rows)
    assert "through" not in reader.get(f"apis/{api.pk}").good()
