"""The six fields as a value: reading, writing, what counts as equal, and differences that can be carried out."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.origin_match import preflight_lines, response_lines
from apis.cors.policy import (
    FIELDS,
    HEADER_OF_FIELD,
    LIST_FIELDS,
    CorsPolicy,
    PolicyError,
    diff,
    summary,
)
from tests.cors.formats.policies import POLICIES

# Few values, so that two policies often share some.
_ENTRIES = st.lists(st.sampled_from(["https://a.example", "https://b.example", "*", "X-One", "x-one", "GET", "get"]))
ALIKE = st.just(CorsPolicy.off()) | st.builds(
    CorsPolicy,
    allow_origins=_ENTRIES.map(tuple),
    allow_headers=_ENTRIES.map(tuple),
    allow_methods=_ENTRIES.map(tuple),
    expose_headers=_ENTRIES.map(tuple),
    max_age=st.sampled_from([-1, 0, 600, 86400]),
    allow_credentials=st.booleans(),
)
FULL = {
    "AllowOrigins": ["https://a.example", "http://localhost:3000"],
    "AllowHeaders": ["content-type"],
    "AllowMethods": ["GET", "POST"],
    "ExposeHeaders": ["etag"],
    "MaxAge": 600,
    "AllowCredentials": True,
}


@given(POLICIES | ALIKE)
def test_what_is_written_is_read_back(policy: CorsPolicy) -> None:
    assert CorsPolicy.from_aws(policy.to_aws()) == policy
    assert CorsPolicy.from_aws(policy.to_aws()).to_aws() == policy.to_aws()
    if policy.on:
        assert list(policy.to_update()) == list(FIELDS)
        assert CorsPolicy.from_aws(policy.to_update()) == policy


@pytest.mark.parametrize("given_", [None, {}, FULL, {"MaxAge": 0}, {"AllowOrigins": []}, {"AllowCredentials": False}])
def test_aws_gets_back_what_it_gave(given_: dict[str, Any] | None) -> None:
    assert CorsPolicy.from_aws(given_).to_aws() == given_


@given(ALIKE, ALIKE)
def test_the_difference_carried_out_on_the_first_gives_the_second(before: CorsPolicy, after: CorsPolicy) -> None:
    change = diff(before, after)
    assert change.apply(before) == after
    assert bool(change) == (before != after)
    assert diff(after, before).apply(change.apply(before)) == before
    assert (summary(before, after) == "no difference") == (before == after)


@given(POLICIES, POLICIES)
def test_the_difference_of_any_two_policies_can_be_carried_out(before: CorsPolicy, after: CorsPolicy) -> None:
    assert diff(before, after).apply(before) == after


@given(ALIKE, st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_count(policy: CorsPolicy, chance: random.Random) -> None:
    values = policy.to_aws()
    if values is None:
        return
    for name in LIST_FIELDS:
        entries = values.get(name, [])
        values[name] = chance.sample(entries + entries[:1], len(entries + entries[:1]))
    again = CorsPolicy.from_aws(values)
    assert again == policy and hash(again) == hash(policy)
    assert not diff(policy, again)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, {}, False),
        ({}, {"MaxAge": 0, "AllowCredentials": False, "AllowOrigins": []}, True),
        ({"AllowHeaders": ["Content-Type"]}, {"AllowHeaders": ["content-type"]}, True),
        ({"ExposeHeaders": ["ETag"]}, {"ExposeHeaders": ["etag"]}, True),
        ({"AllowMethods": ["GET"]}, {"AllowMethods": ["get"]}, False),
        ({"AllowOrigins": ["https://A.example"]}, {"AllowOrigins": ["https://a.example"]}, False),
        ({"MaxAge": -1}, {"MaxAge": 0}, False),
    ],
)
def test_what_counts_as_equal(one: dict[str, Any] | None, other: dict[str, Any] | None, same: bool) -> None:
    assert (CorsPolicy.from_aws(one) == CorsPolicy.from_aws(other)) is same


@pytest.mark.parametrize(
    ("given_", "state"),
    [(None, "off"), ({}, "empty"), ({"AllowOrigins": []}, "empty"), ({"MaxAge": 5}, "set"), (FULL, "set")],
)
def test_off_empty_and_set_are_three_states(given_: dict[str, Any] | None, state: str) -> None:
    assert CorsPolicy.from_aws(given_).state == state


@pytest.mark.parametrize(
    ("given_", "expected_text"),
    [
        ([], "cors: must be an object with the six fields, or null to turn CORS off"),
        ({"AllowOrigin": ["*"]}, "AllowOrigin: is not one of the six fields: AllowOrigins, AllowHeaders,"),
        ({"AllowOrigins": "*"}, "AllowOrigins: must be a list of strings"),
        ({"AllowHeaders": [1]}, "AllowHeaders: must be a list of strings"),
        ({"MaxAge": "600"}, "MaxAge: must be a whole number of seconds"),
        ({"MaxAge": True}, "MaxAge: must be a whole number of seconds"),
        ({"AllowCredentials": "true"}, "AllowCredentials: must be true or false"),
    ],
)
def test_what_is_no_configuration_names_its_field(given_: Any, expected_text: str) -> None:
    with pytest.raises(PolicyError) as found:
        CorsPolicy.from_aws(given_)
    assert str(found.value).startswith(expected_text)
    assert str(found.value) == f"{found.value.field}: {found.value.message}"


def test_off_is_no_update() -> None:
    with pytest.raises(PolicyError, match="delete the configuration instead"):
        CorsPolicy.off().to_update()


@pytest.mark.parametrize(
    ("before", "after", "expected_text"),
    [
        (FULL, None, "CORS turned off"),
        (None, {}, "CORS turned on"),
        (None, {"AllowOrigins": ["https://a.example"]}, "CORS turned on, added https://a.example"),
        (FULL, {**FULL, "MaxAge": 0}, "max-age 600 → 0"),
        (FULL, {**FULL, "AllowCredentials": False}, "credentials off"),
        ({}, {"AllowCredentials": True}, "credentials on"),
        (FULL, {**FULL, "AllowMethods": ["GET", "PUT"]}, "added method PUT, removed method POST"),
        (FULL, {**FULL, "AllowHeaders": []}, "removed header content-type"),
        (FULL, {**FULL, "ExposeHeaders": ["etag", "x-id"]}, "added exposed header x-id"),
        ({}, {"AllowOrigins": ["a:", "b:", "c:", "d:", "e:"]}, "added a:, b:, c: and 2 more"),
        (
            FULL,
            {**FULL, "AllowMethods": ["DELETE", "PUT"]},
            "added methods DELETE and PUT, removed methods GET and POST",
        ),
        (FULL, FULL, "no difference"),
    ],
)
def test_a_change_in_one_line(before: dict[str, Any] | None, after: dict[str, Any] | None, expected_text: str) -> None:
    assert summary(CorsPolicy.from_aws(before), CorsPolicy.from_aws(after)) == expected_text


@pytest.mark.parametrize(
    ("before", "after", "expected_text"),
    [
        (FULL, None, "turn CORS off"),
        (None, {"AllowOrigins": ["https://a.example"]}, "turn CORS on, add https://a.example"),
        (
            FULL,
            {**FULL, "AllowMethods": ["GET", "PUT"], "MaxAge": 0},
            "add method PUT, remove method POST, max-age 600 → 0",
        ),
    ],
)
def test_what_is_only_planned_is_not_said_as_done(before: Any, after: Any, expected_text: str) -> None:
    assert summary(CorsPolicy.from_aws(before), CorsPolicy.from_aws(after), done=False) == expected_text


def test_a_difference_as_rest_shows_it() -> None:
    found = diff(CorsPolicy.from_aws(FULL), CorsPolicy.from_aws({**FULL, "AllowOrigins": ["https://c.example"]}))
    assert [part.as_json() for part in found.fields] == [
        {
            "field": "AllowOrigins",
            "before": ["https://a.example", "http://localhost:3000"],
            "after": ["https://c.example"],
            "added": ["https://c.example"],
            "removed": ["https://a.example", "http://localhost:3000"],
        }
    ]


def test_one_field_can_be_set_and_switches_cors_on() -> None:
    assert CorsPolicy.off().with_field("MaxAge", 5).to_aws() == {"MaxAge": 5}
    assert CorsPolicy.from_aws(FULL).with_field("MaxAge", 5) == CorsPolicy.from_aws({**FULL, "MaxAge": 5})


def test_each_field_is_called_as_the_header_that_it_sets() -> None:
    def sent(policy: CorsPolicy) -> set[str]:
        return {name for lines in (preflight_lines, response_lines) for name, _ in lines(policy, "https://a.example")}

    bare = CorsPolicy()
    assert sent(bare) == {HEADER_OF_FIELD["AllowOrigins"].lower()}
    for field, value in zip(FIELDS[1:], (["x-a"], ["PUT"], ["x-b"], 5, True), strict=True):
        assert sent(bare.with_field(field, value)) - sent(bare) == {HEADER_OF_FIELD[field].lower()}


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ([], "cors: must be an object with the six fields, or null to turn CORS off"),
        ({"AllowOrigins": "x"}, "AllowOrigins: must be a list of strings"),
        ({"AllowOrigins": [1]}, "AllowOrigins: must be a list of strings"),
        ({"MaxAge": True}, "MaxAge: must be a whole number of seconds"),
        ({"MaxAge": "1"}, "MaxAge: must be a whole number of seconds"),
        ({"AllowCredentials": 1}, "AllowCredentials: must be true or false"),
        (
            {"x" * 70: 1},
            f"{'x' * 64}: is not one of the six fields: AllowOrigins, AllowHeaders, AllowMethods, ExposeHeaders, "
            "MaxAge, AllowCredentials",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(given_: Any, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        CorsPolicy.from_aws(given_)
    assert str(caught.value) == message


def test_off_names_no_field_to_update() -> None:
    with pytest.raises(PolicyError) as caught:
        CorsPolicy.off().to_update()
    assert str(caught.value) == "cors: off is not an update; delete the configuration instead"


def test_the_difference_shows_the_switch_first_and_what_a_list_gains() -> None:
    on = CorsPolicy.from_aws({"AllowOrigins": ["https://a.example"], "MaxAge": 5})
    switched = diff(CorsPolicy.off(), on)
    assert switched.as_json()[0] == {"field": "cors", "before": False, "after": True, "added": [], "removed": []}
    assert [part["field"] for part in switched.as_json()] == ["cors", "AllowOrigins", "MaxAge"]
    assert diff(on, CorsPolicy.off()).as_json()[0]["before"] is True
    more = diff(on, on.with_field("AllowOrigins", ["https://a.example", "https://b.example"]))
    assert [part["field"] for part in more.as_json()] == ["AllowOrigins"]
    assert more.added("AllowOrigins") == ("https://b.example",)
    assert more.added("AllowMethods") == ()


def test_an_off_policy_is_like_no_other_and_hashes_as_it_compares() -> None:
    assert CorsPolicy.off() != CorsPolicy() and CorsPolicy.off() == CorsPolicy.off()
    assert len({CorsPolicy.off(), CorsPolicy(), CorsPolicy.off(), CorsPolicy(max_age=1)}) == 3
    assert CorsPolicy() != "x"
