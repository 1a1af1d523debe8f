"""The work of an explanation is bounded: large configurations take no more than their size."""

from __future__ import annotations

import time

import pytest

from apis.cors.call import first_leg
from apis.cors.exchange import Request
from apis.cors.explain import Target, diagnose, explain
from apis.cors.explain.suggested_fixes import suggest_fixes
from apis.cors.lint import findings
from apis.cors.paste import ReadingError, read_paste, reading_of
from apis.cors.policy import CorsPolicy


def policy(size: int, pattern: str = "https://a{}.example.com") -> CorsPolicy:
    return CorsPolicy(
        allow_origins=tuple(pattern.format(at) for at in range(size)),
        allow_methods=tuple(f"M{at}" for at in range(size)),
        allow_headers=tuple(f"x-{at}" for at in range(size)),
    )


def seconds(known: CorsPolicy) -> float:
    headers = tuple((f"y-{at}", "1") for at in range(200))
    request = Request("https://b.example.com", "https://api.example.com/items", "PUT", headers, "include")
    start = time.process_time()
    found = diagnose(reading_of(request), Target(known))
    explain(known, request)
    assert found.cause is not None and found.fixes
    return time.process_time() - start


@pytest.mark.parametrize("pattern", ["https://a{}.example.com", "https://a{}.example.com/"])
def test_four_times_the_entries_take_at_most_twelve_times_as_long(pattern: str) -> None:
    seconds(policy(10, pattern))
    assert seconds(policy(400, pattern)) < 12 * max(seconds(policy(100, pattern)), 0.05)


def test_the_candidates_for_fixes_are_bounded() -> None:
    """Each of 1,000 origins has a warning with a fix of its own, and none of them allows the call."""
    known = policy(1000, "https://a{}.example.com:443")
    leg = first_leg(Request("https://b.example.com", "https://api.example.com/items", "GET"), "chrome")[0]
    tried: list[CorsPolicy] = []

    def allows(after: CorsPolicy) -> bool:
        tried.append(after)
        return False

    found = findings(known)
    assert sum(1 for one in found if one.fix and one.severity != "note") >= 1000
    assert suggest_fixes(known, leg, found, allows) == ()
    assert len(tried) <= 200


def test_a_call_with_too_many_headers_is_refused_by_name() -> None:
    lines = " ".join(f"-H 'x-{at}: 1'" for at in range(201))
    with pytest.raises(ReadingError, match="201 request headers"):
        read_paste(f"curl https://api.example.com/items -H 'Origin: https://a.example' {lines}")
