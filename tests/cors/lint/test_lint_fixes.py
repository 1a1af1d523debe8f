"""Fixes: what their buttons say, and what they do to a policy."""

from __future__ import annotations

import pytest

from apis.cors.lint.fixes import Replace, TurnOff, TurnOn, Unique, add, assign, enumerated, remove, replace, shown
from apis.cors.policy import CorsPolicy

POLICY = CorsPolicy(allow_origins=("https://a.example", "https://b.example"), allow_headers=("X-A", "x-b"))


@pytest.mark.parametrize(
    ("make", "arguments", "label"),
    [
        (replace, ("AllowOrigins", "a", ["b", "c"]), "Replace with b and c"),
        (replace, ("AllowOrigins", "a", []), "Remove a"),
        (remove, ("AllowOrigins", "a", "b", "c"), "Remove a, b and c"),
        (add, ("AllowMethods", "PUT"), "Add PUT"),
        (assign, ("AllowCredentials", True), "Turn credentials on"),
        (assign, ("AllowCredentials", False), "Turn credentials off"),
        (assign, ("MaxAge", 600), "Set max-age to 600"),
    ],
)
def test_a_button_says_what_it_does(make, arguments, label):
    assert make(*arguments).label == label


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the empty entry"),
        (" ", "the blank entry"),
        ("a\u200b", "a\\u200B"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + "…"),
    ],
)
def test_an_entry_is_shown_so_that_a_person_can_see_it(text, words):
    assert shown(text) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "nothing"), (1, "a"), (2, "a and b"), (7, "a, b, c, d, e, f and g"), (8, "a, b, c, d, e, f and 2 more")],
)
def test_entries_are_listed_at_most_seven(count, words):
    assert enumerated("abcdefgh"[:count]) == words


def test_what_replaces_an_entry_takes_its_place_once():
    edit = Replace("AllowOrigins", ("https://a.example",), ("https://c.example", "https://c.example"))
    assert edit.apply(POLICY).allow_origins == ("https://c.example", "https://b.example")


def test_an_entry_that_is_there_in_another_case_is_not_added():
    assert add("AllowHeaders", "x-a", "X-C").apply(POLICY).allow_headers == ("X-A", "x-b", "X-C")


def test_a_replacement_of_what_is_not_there_changes_nothing():
    assert replace("AllowOrigins", "https://x.example", ["*"]).apply(POLICY) == POLICY


def test_duplicates_keep_the_first():
    policy = CorsPolicy(allow_origins=("*",), allow_headers=("X-A", "x-a", "x-b"))
    assert Unique("AllowHeaders").apply(policy).allow_headers == ("X-A", "x-b")


def test_cors_is_turned_on_and_off():
    off = CorsPolicy.off()
    assert TurnOff().apply(POLICY) == off
    assert (TurnOn().apply(off), TurnOn().apply(POLICY)) == (CorsPolicy(), POLICY)


def test_no_edit_of_a_field_turns_cors_on():
    for edit in (Replace("AllowOrigins", (), ("*",)), Unique("AllowOrigins"), assign("MaxAge", 5)):
        assert edit.apply(CorsPolicy.off()) == CorsPolicy.off()
