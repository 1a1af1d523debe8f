"""What browsers go on doing after a change, because they keep the answers to earlier preflights."""

from __future__ import annotations

from typing import Any

import pytest

from apis.cors.lingering import lingering
from apis.cors.policy import CorsPolicy

BEFORE = {
    "AllowOrigins": ["https://a.example", "https://b.example"],
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": ["authorization"],
    "MaxAge": 86400,
    "AllowCredentials": True,
}


def between(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Any:
    return lingering(CorsPolicy.from_aws(before), CorsPolicy.from_aws(after))


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        BEFORE | {"AllowOrigins": ["https://a.example", "https://b.example", "https://c.example"]},
        BEFORE | {"AllowMethods": ["GET", "PUT", "PATCH"], "MaxAge": 0},
        BEFORE | {"ExposeHeaders": ["x-a"]},
    ],
)
def test_what_is_added_works_at_once(after: dict[str, Any]) -> None:
    assert between(BEFORE, after) is None
    assert between(None, after) is None


def test_a_method_that_is_taken_away_may_be_used_until_each_browser_asks_again() -> None:
    found = between(BEFORE, BEFORE | {"AllowMethods": ["GET"], "AllowHeaders": []})
    assert found.seconds == {"chrome": 7200, "firefox": 86400, "safari": 600}
    assert found.lasting == ("use PUT", "send authorization")
    assert (found.arriving, found.longest, found.lowers_first, found.replaces) == ((), 86400, True, False)


def test_calls_from_an_origin_that_is_taken_away_still_arrive() -> None:
    found = between(BEFORE, BEFORE | {"AllowOrigins": ["https://a.example", "https://new.example"]})
    assert (found.lasting, found.arriving, found.replaces) == ((), ("calls from https://b.example",), True)


def test_a_short_max_age_needs_no_waiting() -> None:
    found = between(BEFORE | {"MaxAge": 0}, None)
    assert set(found.seconds.values()) == {5}
    assert (found.arriving, found.lowers_first) == (("calls from every origin that was allowed",), False)
