"""For how long each browser keeps a preflight."""

from __future__ import annotations

import pytest

from apis.cors.fields import preflight_lifetime


@pytest.mark.parametrize(
    ("value", "chrome", "firefox", "safari"),
    [
        (None, 5, 5, 5),
        ("", 5, 5, 5),
        (" \t", 5, 5, 5),
        ("0", 0, 0, 0),
        ("-0", 0, 0, 0),
        ("-1", 0, 0, 0),
        ("-600", 0, 0, 0),
        ("60", 60, 60, 60),
        (" 60\t", 60, 60, 60),
        ("0060", 60, 60, 60),
        ("600", 600, 600, 600),
        ("601", 601, 601, 600),
        ("7200", 7200, 7200, 600),
        ("7201", 7200, 7201, 600),
        ("86400", 7200, 86400, 600),
        ("86401", 7200, 86400, 600),
        ("9223372036854775807", 7200, 86400, 600),
        ("9223372036854775808", 5, 86400, 5),
        ("1" * 25, 5, 86400, 5),
        ("9" * 5000, 5, 86400, 5),
        ("abc", 5, 0, 5),
        ("1e3", 5, 0, 5),
        ("10.5", 5, 0, 5),
        ("10s", 5, 0, 5),
        ("10x", 5, 0, 5),
        ("-010", 0, 0, 0),
        ("99999999999999999999", 5, 86400, 5),
        ('"10"', 5, 0, 5),
        ("10, 20", 5, 0, 5),
        ("--1", 5, 0, 5),
        ("+10", 5, 0, 10),
        ("-", 5, 0, 5),
        ("٣", 5, 0, 5),
    ],
)
def test_the_lifetime_of_a_preflight(value: str | None, chrome: int, firefox: int, safari: int) -> None:
    assert preflight_lifetime(value) == {"chrome": chrome, "firefox": firefox, "safari": safari}
