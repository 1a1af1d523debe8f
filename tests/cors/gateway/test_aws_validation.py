"""AWS's refusals, word for word where they were seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.aws_validation import refusal, refusals
from apis.cors.policy import CorsPolicy


def test_credentials_with_any_origin_is_refused_with_awss_own_words() -> None:
    policy = CorsPolicy(allow_origins=("https://a.example.com", "*"), allow_credentials=True)
    assert refusal(policy) == "allow-credentials is not supported if 'allow-origin' is *"


@pytest.mark.parametrize(
    "origin",
    ["localhost:3000", "capacitor://localhost", "binderbooks://local", "null", "https://*.example.com", "", "https://"],
)
def test_an_origin_that_is_none_is_refused_by_name(origin: str) -> None:
    assert refusal(CorsPolicy(allow_origins=(origin,))) == f"Invalid format for origin {origin}"


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*",
        "http://*",
        "http://localhost:3000",
        "https://example.com/",
        "https://Example.com",
        "http://[::1]:8080",
    ],
)
def test_what_aws_is_not_known_to_refuse_is_taken(origin: str) -> None:
    assert refusal(CorsPolicy(allow_origins=(origin,))) is None


@pytest.mark.parametrize(("seconds", "taken"), [(-2, False), (-1, True), (0, True), (86400, True), (86401, False)])
def test_max_age_has_its_range(seconds: int, taken: bool) -> None:
    assert (refusal(CorsPolicy(max_age=seconds)) is None) is taken


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        (CorsPolicy(allow_methods=("GET POST",)), "AllowMethods"),
        (CorsPolicy(allow_methods=("A" * 65,)), "AllowMethods"),
        (CorsPolicy(allow_headers=("x one",)), "AllowHeaders"),
        (CorsPolicy(expose_headers=("x:one",)), "ExposeHeaders"),
    ],
)
def test_what_no_header_can_carry_is_refused(policy: CorsPolicy, field: str) -> None:
    assert [found.field for found in refusals(policy)] == [field]


def test_nothing_is_refused_when_cors_is_off_or_empty() -> None:
    assert refusal(CorsPolicy.off()) is None
    assert refusal(CorsPolicy()) is None


@given(st.text(), st.text(), st.text(), st.integers(), st.booleans())
def test_any_text_gets_an_answer(origin: str, method: str, header: str, seconds: int, credentials: bool) -> None:
    policy = CorsPolicy(
        allow_origins=(origin,),
        allow_methods=(method,),
        allow_headers=(header,),
        max_age=seconds,
        allow_credentials=credentials,
    )
    assert refusal(policy) == next((found.message for found in refusals(policy)), None)


@pytest.mark.parametrize(
    ("given", "field", "value", "expected_text", "confidence"),
    [
        (
            {"AllowOrigins": ["*"], "AllowCredentials": True}, "AllowCredentials", "*",
            "allow-credentials is not supported if 'allow-origin' is *", "confirmed",
        ),
        ({"AllowMethods": ["A B"]}, "AllowMethods", "A B", "Invalid format for method A B", "unconfirmed"),
        ({"AllowHeaders": ["a b"]}, "AllowHeaders", "a b", "Invalid format for header a b", "unconfirmed"),
        ({"ExposeHeaders": ["c d"]}, "ExposeHeaders", "c d", "Invalid format for header c d", "unconfirmed"),
        ({"MaxAge": 86401}, "MaxAge", "86401", "max-age must be between -1 and 86400", "unconfirmed"),
    ],
)  # fmt: skip
def test_each_refusal_says_what_and_how_sure_that_is(
    given: dict[str, object], field: str, value: str, expected_text: str, confidence: str
) -> None:
    (found,) = refusals(CorsPolicy.from_aws(given))
    assert (found.field, found.value, found.message, found.confidence) == (field, value, expected_text, confidence)


@pytest.mark.parametrize(
    ("origin", "confidence"),
    [
        ("null", "confirmed"),
        ("a.example", "confirmed"),
        ("http://", "unconfirmed"),
        ("HTTPS://", "unconfirmed"),
        ("", "unconfirmed"),
        ("https://*.a", "reported"),
    ],
)
def test_how_sure_it_is_that_an_origin_is_refused(origin: str, confidence: str) -> None:
    (found,) = refusals(CorsPolicy(allow_origins=(origin,)))
    assert (found.field, found.value, found.confidence) == ("AllowOrigins", origin, confidence)


def test_a_method_has_at_most_64_characters() -> None:
    assert refusal(CorsPolicy(allow_methods=("M" * 64,))) is None
    assert refusal(CorsPolicy(allow_methods=("M" * 65,))) == f"Invalid format for method {'M' * 65}"
