"""What holds for any input: nothing raises, every verdict is whole, and allowing more never blocks."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apis.cors.browser import judge, needs_preflight, preflight_headers
from apis.cors.exchange import Answer, Exchange, Headers, Redirect, Request
from apis.cors.fields import members, preflight_lifetime
from apis.cors.judging import judge_line, read_exchange
from apis.cors.origins import origin_of, parse_url
from apis.cors.safelist import BROWSERS

ORIGIN = "https://app.example.com"
names = st.sampled_from(
    ["Access-Control-Allow-Origin", "Access-Control-Allow-Methods", "access-control-allow-headers", "Location",
     "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers", "Content-Type", "Authorization", "X-A",
     "Range",
     "Accept", "DPR", "User-Agent"]
)  # fmt: skip
texts = st.text(max_size=30)
values = st.sampled_from(
    ["*", ORIGIN, "null", "true", "GET, PUT", "authorization", "a b", "", "bytes=0-", "/b", "http://"]
)
lines = st.lists(st.tuples(names | texts, values | texts), max_size=6).map(tuple)
answers = st.builds(Answer, st.sampled_from([200, 204, 301, 302, 303, 307, 404]) | st.integers(), lines)
urls = st.sampled_from(["https://api.example.com/", "http://localhost:1", ORIGIN, "data:,x"]) | texts
requests = st.builds(
    Request,
    st.sampled_from([ORIGIN, "null", "http://localhost"]) | texts,
    urls,
    st.sampled_from(["GET", "POST", "PUT", "patch", "*", "TRACE"]) | texts,
    lines,
    st.sampled_from(["omit", "same-origin", "include"]),
    st.sampled_from(["cors", "no-cors", "same-origin"]) | texts,
)
exchanges = st.builds(
    Exchange,
    requests,
    st.none() | answers,
    st.none() | answers,
    st.lists(st.builds(Redirect, answers, st.none() | answers), max_size=3).map(tuple),
)
values_of_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | values,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(exchanges, st.sampled_from(BROWSERS))
@settings(max_examples=400)
def test_any_exchange_has_a_whole_verdict(exchange: Exchange, browser: Any) -> None:
    verdict = judge(exchange, browser)
    assert verdict.allowed is (verdict.code is None)
    assert verdict.reason.endswith(".")
    assert "\n" not in verdict.reason
    assert list(verdict.exposed) == sorted(set(verdict.exposed))
    assert {"set-cookie", "set-cookie2"}.isdisjoint(verdict.exposed)
    if not verdict.allowed:
        assert verdict.exposed == ()
        assert "blocks the call:" not in verdict.reason
    assert {browser for browser, _ in verdict.messages} <= set(BROWSERS)
    if needs_preflight(exchange.request, browser):
        assert verdict.needs_preflight
    json.dumps(verdict.as_json())
    assert preflight_headers(exchange.request, browser)[0][0] == "Origin"


@given(st.text() | st.binary())
def test_any_line_is_answered(line: str | bytes) -> None:
    answer = judge_line(line)
    assert set(answer) == {"id", "error"}
    assert answer["error"].startswith(("line: ", "id: ", "exchange: "))


@given(values_of_json)
def test_any_json_is_answered(value: Any) -> None:
    for case in (value, {"id": value}, {"exchange": value}):
        answer = judge_line(json.dumps(case))
        assert set(answer) == {"id", "error"}
        json.dumps(answer, allow_nan=False)


@given(
    st.sampled_from(
        ["origin", "url", "method", "headers", "credentials", "mode", "preflight", "response", "redirects"]
    ),
    values_of_json,
)
@settings(max_examples=400)
def test_any_value_in_any_field_is_judged_or_named(name: str, value: Any) -> None:
    exchange: dict[str, Any] = {"request": {"origin": ORIGIN, "url": "https://api.example.com/"}}
    inside = exchange if name in ("preflight", "response", "redirects") else exchange["request"]
    inside[name] = value
    answer = judge_line(json.dumps({"id": 1, "exchange": exchange}))
    assert name in answer.get("error", name) or (value != value or "line: " in answer["error"])
    assert answer.keys() in ({"id", "error"}, {"id", "needs_preflight", "allowed", "code", "reason", "exposed"})


@given(exchanges)
def test_what_can_be_read_reads_back(exchange: Exchange) -> None:
    answer = judge_line(json.dumps({"exchange": exchange.as_json()}))
    if "error" not in answer:
        again = read_exchange(exchange.as_json())
        assert read_exchange(again.as_json()) == again


@given(texts | values)
def test_an_origin_is_its_own_origin(text: str) -> None:
    origin = origin_of(text)
    assert origin is None or origin_of(origin) == origin


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"https://[{text}]", f"foo://{text}", f"http://a:{text}"):
        parse_url(url)
    members(text)
    assert all(0 <= seconds <= 86400 for seconds in preflight_lifetime(text).values())


@given(st.lists(st.sampled_from(["GET", "PUT", "x-a", "*", ""])), st.sampled_from([",", " , ", ",\t,"]))
def test_a_list_is_read_whatever_stands_between(entries: list[str], between: str) -> None:
    assert members(between.join(entries)) == [entry for entry in entries if entry]


@given(requests, lines)
def test_a_preflight_that_allows_everything_by_name_is_never_at_fault(request: Request, more: Headers) -> None:
    """Whatever a call asks for, an answer that names it lets it through."""
    asked = dict(preflight_headers(request))
    allow = (
        ("Access-Control-Allow-Origin", asked["Origin"]),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", asked["Access-Control-Request-Method"]),
        ("Access-Control-Allow-Headers", asked.get("Access-Control-Request-Headers", "")),
    )
    verdict = judge(Exchange(request, Answer(204, allow), Answer(200, allow)))
    assert verdict.allowed or verdict.code in ("TypeError", "mixed-content", "DisallowedByMode")


@given(exchanges.filter(lambda exchange: exchange.response is not None))
def test_the_status_of_the_last_answer_does_not_count(exchange: Exchange) -> None:
    assert exchange.response is not None
    if exchange.response.status in (301, 302, 303, 307, 308):
        return
    other = Exchange(exchange.request, exchange.preflight, Answer(503, exchange.response.headers), exchange.redirects)
    assert judge(other).allowed is judge(exchange).allowed
