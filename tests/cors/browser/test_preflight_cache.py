"""What browsers go on doing after a change, because they keep the answers to earlier preflights."""

from __future__ import annotations

from typing import Any

import pytest

from apis.cors.policy import CorsPolicy
from apis.cors.preflight_cache import cached_permissions

BEFORE = {
    "AllowOrigins": ["https://a.example", "https://b.example"],
    "AllowMethods": ["GET", "PUT"],
    "AllowHeaders": ["authorization"],
    "MaxAge": 86400,
    "AllowCredentials": True,
}


def between(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Any:
    return cached_permissions(CorsPolicy.from_aws(before), CorsPolicy.from_aws(after))


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


def test_a_site_that_may_call_already_needs_not_be_allowed() -> None:
    """The wide entry has allow it; what goes is everyone else."""
    for wide, entry, words in (
        ("*", "https://x.example", "calls from any other site"),
        ("*", "https://*", "calls from any other site"),
        ("https://*", "https://x.example", "calls from any other https site"),
        ("https://*", "http://x.example", "calls from any https site"),
        ("http://*", "https://x.example", "calls from any http site"),
    ):
        found = between(BEFORE | {"AllowOrigins": [wide]}, BEFORE | {"AllowOrigins": [entry]})
        moves = not wide.startswith(("*", entry.partition("://")[0] + "://"))
        assert (found.arriving, found.replaces) == ((words,), moves), (wide, entry)
        steps = [step["step"] for step in found.as_json()["safe_order"]]
        assert steps == [*(["let_in"] if moves else []), "shorten", "wait", "apply"]


def test_of_all_that_goes_the_widest_is_reported() -> None:
    found = between(BEFORE | {"AllowOrigins": ["*", "https://*"]}, BEFORE | {"AllowOrigins": []})
    assert found.arriving == ("calls from any site",)


def test_an_origin_that_a_wider_entry_still_lets_in_does_not_go() -> None:
    assert between(BEFORE, BEFORE | {"AllowOrigins": ["https://*"]}) is None
    assert between(BEFORE | {"AllowOrigins": ["*", "https://a.example"]}, BEFORE | {"AllowOrigins": ["*"]}) is None


def test_a_star_takes_away_what_was_listed_only_from_calls_with_cookies() -> None:
    star = {"AllowMethods": ["*"], "AllowHeaders": ["*"]}
    assert between(BEFORE, BEFORE | star).lasting == (
        "use PUT with cookies",
        "send authorization with cookies",
    )
    plain = BEFORE | {"AllowCredentials": False}
    assert between(plain, plain | star) is None


def test_a_method_that_needs_no_entry_is_not_taken_away() -> None:
    assert between(BEFORE, BEFORE | {"AllowMethods": ["PUT"]}) is None


def test_with_a_negative_max_age_nothing_is_held() -> None:
    assert between(BEFORE | {"MaxAge": -1}, BEFORE | {"MaxAge": -1, "AllowMethods": []}) is None
    found = between(BEFORE | {"MaxAge": -1}, BEFORE | {"AllowOrigins": ["https://new.example"]})
    assert (found.longest, found.arriving, found.replaces, found.lowers_first) == (0, (), True, False)


def test_a_short_max_age_needs_no_waiting() -> None:
    found = between(BEFORE | {"MaxAge": 0}, None)
    assert set(found.seconds.values()) == {5}
    assert (found.arriving, found.lowers_first) == (("calls from every origin that was allowed",), False)


def test_what_programs_are_reported() -> None:
    found = between(BEFORE, BEFORE | {"AllowMethods": ["GET"], "AllowOrigins": ["https://a.example"]})
    assert found.as_json() == {
        "held": {"chrome": 7200, "firefox": 86400, "safari": 600},
        "still": ["use PUT"],
        "arriving": ["calls from https://b.example"],
        "safe_order": [
            {"step": "shorten", "MaxAge": 0},
            {"step": "wait", "seconds": 86400},
            {"step": "apply"},
        ],
    }
    assert between(BEFORE | {"MaxAge": 60}, None).as_json()["safe_order"] == []
    assert between(BEFORE | {"MaxAge": 61}, None).lowers_first is True


def test_what_a_star_gave_and_cookies() -> None:
    star = BEFORE | {"AllowMethods": ["*"], "AllowHeaders": ["*"]}
    found = between(star, star | {"AllowMethods": ["PUT"], "AllowHeaders": ["x-one"], "AllowCredentials": False})
    assert found.lasting == ("use any method", "send any header")
    assert found.arriving == ("calls with cookies",)


def test_nothing_is_held_of_what_was_off_and_nothing_goes_with_no_change() -> None:
    assert between(None, BEFORE) is None
    assert between(None, None) is None
    assert between(BEFORE, BEFORE) is None


def test_an_api_that_is_turned_off_is_replaced_by_nothing() -> None:
    found = between(BEFORE, None)
    assert (found.lasting, found.replaces) == ((), False)
    assert found.arriving == ("calls from every origin that was allowed",)
