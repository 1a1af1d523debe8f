"""Results that repeat what a run got share it, and read as if each had kept it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.cors.exchange import Answer, Exchange, Headers, Redirect, Request
from apis.inventory.history import history
from apis.inventory.models import HttpApi
from apis.probing.history import timings
from apis.probing.history.exchanges import Content, is_varying, join
from apis.probing.models import Probe, Result, StoredExchange
from apis.probing.runs.calls import Outcome
from apis.probing.runs.storage import store
from tests.probing.stored import ALLOWED, NOON, ORIGIN, make_api, make_probe, outcome, ran

BLOCKED = (("access-control-allow-origin", "https://other.example.com"),)
VARYING = (
    "Date",
    "apigw-requestid",
    "x-amzn-RequestId",
    "X-Amzn-Trace-Id",
    "etag",
    "Age",
    "set-cookie",
    "x-request-id",
)
FIXED = ("access-control-max-age", "access-control-allow-origin", "vary", "content-type", "x-api-version", "server")


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API."""
    return make_api()


@pytest.fixture
def probe(api: HttpApi) -> Probe:
    """A probe that has not run."""
    return make_probe(api)


def with_date(day: int, headers: Any = ALLOWED) -> Any:
    """The headers of a response that was sent on some day."""
    return (("date", f"Fri, {day} Nov 2026 12:00:00 GMT"), *headers)


def headers_of(result: Result) -> list[list[str]]:
    """The response's headers as they read."""
    assert result.exchange
    return list(result.exchange["response"]["headers"])


def test_runs_with_the_same_response_share_one_stored_exchange(probe: Probe) -> None:
    results = [ran(probe, NOON + timedelta(minutes=n), *with_date(10 + n)) for n in range(4)]
    assert StoredExchange.objects.count() == 1
    for result in results:
        assert (result.own_exchange, result.own_verdict, result.own_timings) == (None, None, {})
        assert result.exchange and result.exchange["request"]["origin"] == ORIGIN
        assert [list(pair) for pair in ALLOWED] == [pair for pair in headers_of(result) if pair[0] != "date"]
        assert result.verdict and result.verdict["allowed"] and not result.error and result.code == ""
        assert result.timings["request"]["total"] == 20.0
    assert headers_of(results[0])[0] == ["date", "Fri, 10 Nov 2026 12:00:00 GMT"], "the first run's own"
    assert all(pair[0] != "date" for pair in headers_of(results[1])), "another run's date is never shown"


def test_runs_that_fail_or_that_someone_asked_for_keep_their_varying_headers(probe: Probe) -> None:
    ran(probe, NOON, *with_date(10))
    for number, (headers, cause) in enumerate([(BLOCKED, "schedule"), (BLOCKED, "schedule"), (ALLOWED, "person")], 11):
        result = ran(probe, NOON + timedelta(minutes=number), *with_date(number, headers), cause=cause)
        assert headers_of(result)[0] == ["date", f"Fri, {number} Nov 2026 12:00:00 GMT"]


def test_another_response_verdict_or_configuration_is_stored_apart(probe: Probe, api: HttpApi) -> None:
    ran(probe, NOON)
    assert ran(probe, NOON + timedelta(minutes=1), *BLOCKED).code
    ran(probe, NOON + timedelta(minutes=2), *BLOCKED)
    assert StoredExchange.objects.count() == 2
    history.record_live(api.pk, {"AllowOrigins": [ORIGIN]}, NOON)
    again = Probe.objects.select_related("api").get()
    result = ran(again, NOON + timedelta(minutes=3), *BLOCKED)
    assert StoredExchange.objects.count() == 3
    assert result.configuration == HttpApi.objects.get().current
    ran(again, NOON + timedelta(minutes=4))
    ran(again, NOON + timedelta(minutes=5), *BLOCKED)
    assert StoredExchange.objects.count() == 4, "what an earlier run got is found again"


def test_errors_are_shared_as_well(probe: Probe) -> None:
    for minute in range(3):
        refused = Outcome(error="The request got no answer: refused.")
        store([probe], [refused], NOON + timedelta(minutes=minute), "person")
    assert StoredExchange.objects.count() == 1
    assert [result.error for result in Result.objects.all()] == ["The request got no answer: refused."] * 3
    assert [(result.exchange, result.verdict) for result in Result.objects.all()] == [(None, None)] * 3


def test_results_of_earlier_versions_read_as_before(probe: Probe, api: HttpApi) -> None:
    kept: dict[str, Any] = {
        "exchange": {"request": {"origin": ORIGIN}, "preflight": None, "response": None},
        "verdict": {"allowed": False, "code": "X", "reason": "because"},
        "code": "X",
        "error": "",
        "timings": {"request": {"total": 12.5}},
        "configuration": api.current,
    }
    made = Result.objects.create(probe=probe, at=NOON, passed=False, allowed=False, **kept)
    read = Result.objects.get(pk=made.pk)
    assert {name: getattr(read, name) for name in kept} == kept
    assert read.latency == 12.5


def test_a_list_of_results_reads_what_they_share_at_once(api: HttpApi, django_assert_num_queries: Any) -> None:
    probes = [make_probe(api, name=str(number)) for number in range(20)]
    store(probes, [outcome(probe, *ALLOWED) for probe in probes], NOON, "schedule")
    with django_assert_num_queries(2):
        assert all(result.exchange and result.verdict for result in Result.objects.all())


def test_a_batch_of_repeats_writes_no_exchange(api: HttpApi, django_assert_max_num_queries: Any) -> None:
    probes = [make_probe(api, name=str(number)) for number in range(50)]
    queries = []
    for minute in range(3):
        outcomes = [outcome(probe, *ALLOWED) for probe in probes]
        with django_assert_max_num_queries(30) as captured:
            store(probes, outcomes, NOON + timedelta(minutes=minute), "schedule")
        queries.append([query["sql"] for query in captured.captured_queries])
    table = StoredExchange._meta.db_table
    assert not any(sql.startswith("INSERT") and table in sql for sql in queries[-1])
    assert StoredExchange.objects.count() == 50


@pytest.mark.once
def test_which_headers_vary() -> None:
    assert [name for name in (*VARYING, *FIXED) if is_varying(name)] == list(VARYING)


_HEADERS = st.lists(st.tuples(st.sampled_from([*VARYING, *FIXED]), st.text(max_size=5)), max_size=8).map(tuple)
type Redirects = tuple[Redirect, ...]
_ANSWERS = _HEADERS.map(lambda headers: Answer(307, headers))
_REDIRECTS = st.lists(st.builds(Redirect, _ANSWERS, st.none() | _ANSWERS), max_size=2).map(tuple)


@pytest.mark.once
@given(_HEADERS, _HEADERS, _REDIRECTS)
def test_what_was_split_joins_again(preflight: Headers, response: Headers, redirects: Redirects) -> None:
    request = Request(ORIGIN, "https://api.example.com/")
    exchange = Exchange(request, Answer(204, preflight), Answer(200, response), redirects)
    content = Content(exchange, None, "", 7)
    assert join(content.exchange, content.varying) == exchange.as_json()
    without = exchange.as_json()
    steps = [step for redirect in without.get("redirects", ()) for step in redirect.values() if step]
    for answer in (without["preflight"], without["response"], *steps):
        answer["headers"] = [pair for pair in answer["headers"] if not is_varying(pair[0])]
    assert join(content.exchange, None) == without


@pytest.mark.once
@given(*[_HEADERS] * 4, st.sampled_from([(204, 204), (204, 200)]))
def test_the_digest_is_that_of_what_is_stored(
    preflight: Headers, response: Headers, later: Headers, last: Headers, statuses: tuple[int, int]
) -> None:
    request = Request(ORIGIN, "https://api.example.com/")
    one = Content(Exchange(request, Answer(statuses[0], preflight), Answer(200, response)), None, "", 7)
    other = Content(Exchange(request, Answer(statuses[1], later), Answer(200, last)), None, "", 7)
    assert (one.digest == other.digest) == (one.exchange == other.exchange)


@pytest.mark.once
def test_the_redirects_of_a_repeated_exchange_have_one_digest() -> None:
    def content(day: int, location: str = "/new") -> Content:
        redirect = Redirect(Answer(307, with_date(day, [("location", location)])), Answer(204, with_date(day)))
        request = Request(ORIGIN, "https://api.example.com/")
        return Content(Exchange(request, None, Answer(200, ALLOWED), (redirect,)), None, "", 7)

    assert content(10).digest == content(11).digest
    assert content(10).digest != content(10, "/other").digest


_MS = st.integers(0, 2_000_000).map(lambda value: value / 100)
_LEG = st.fixed_dictionaries(dict.fromkeys(timings.PHASES, _MS))


@pytest.mark.once
@given(st.dictionaries(st.sampled_from(timings.LEGS), _LEG))
def test_timings_are_packed_without_loss(values: dict[str, Any]) -> None:
    packed = timings.pack(values)
    assert (timings.unpack(packed) if packed else {}) == values
