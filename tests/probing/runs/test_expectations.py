"""What a probe may expect besides the verdict, tried on the demo's gateway and a server of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from apis.cors.exchange import Answer, Exchange, Request, Verdict
from apis.errors import InvalidFields
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.probing import probe_edits
from apis.probing.models import Probe, Result
from apis.probing.runs import expectations
from apis.probing.runs.calls import Outcome
from apis.probing.runs.runner import run

pytestmark = pytest.mark.once

ORIGIN, SECRET = "https://a.example", "s3cret-token"


@pytest.fixture
def known(api: HttpApi) -> HttpApi:
    """The API with its addresses known."""
    sync.refresh(api)
    api.refresh_from_db()
    return api


class Server:
    """An API that allows ORIGIN, repeats the header x-key, and keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append((self.command, headers))
                self.send_response(204 if self.command == "OPTIONS" else 201)
                self.send_header("Access-Control-Allow-Origin", ORIGIN)
                self.send_header("Access-Control-Allow-Headers", "x-key")
                self.send_header("Access-Control-Allow-Methods", "DELETE")
                self.send_header("Access-Control-Expose-Headers", "x-request-id")
                self.send_header("Access-Control-Max-Age", "60")
                self.send_header("X-Request-Id", "1")
                self.send_header("X-Echo", headers.get("x-key", "none"))
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_DELETE = do_OPTIONS = answer

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    """The server, and its end."""
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.fixture
def served(known: HttpApi, server: Server) -> HttpApi:
    """The API with the server as its own address."""
    HttpApi.objects.filter(pk=known.pk).update(endpoint=server.url)
    known.refresh_from_db()
    return known


def missed(result: Result) -> list[str]:
    """The expectations that a result did not meet."""
    return [one.field for one in expectations.unmet_expectations(result)]


def test_what_is_met_passes(served: HttpApi) -> None:
    probe = probe_edits.save(
        served,
        {
            "origin": ORIGIN, "headers": ["x-key"], "readable_headers": ["X-Request-Id"], "status": "200-299",
            "min_max_age": 60, "max_latency": 60_000, "certificate_days": 30,
        },
    )  # fmt: skip
    [result] = run([probe.pk])
    assert (result.passed, result.unmet) == (True, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [("readable_headers", ["x-echo"]), ("status", "200"), ("min_max_age", 61), ("max_latency", 1)],
)
def test_each_expectation_that_is_not_met_fails_with_its_name(served: HttpApi, field: str, value: Any) -> None:
    probe = probe_edits.save(served, {"origin": ORIGIN, "headers": ["x-key"], field: value})
    if field == "max_latency":
        # A loopback call may take less than a millisecond: the rule itself is tried.
        outcome = _outcome(timings={"preflight": {"total": 0.6}, "request": {"total": 0.4}})
        assert [one.field for one in expectations.unmet(probe, outcome, timezone.now())] == [field]
        return
    [result] = run([probe.pk])
    assert (result.passed, result.allowed, missed(result)) == (False, True, [field])
    probe.refresh_from_db()
    assert probe.state == Probe.State.FAILING


def _outcome(**fields: Any) -> Outcome:
    request = Request(ORIGIN, "https://api.example/")
    return Outcome(Exchange(request, None, Answer(200)), Verdict(False, True, None, "", ()), **fields)


def test_a_certificate_that_expires_too_soon_fails() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    probe = Probe(certificate_days=14)
    for days, found in ((13, ["certificate_days"]), (15, [])):
        outcome = _outcome(certificate_expires=at + timedelta(days=days))
        assert [one.field for one in expectations.unmet(probe, outcome, at)] == found


def test_a_secret_goes_to_the_api_and_is_kept_nowhere_in_clear(served: HttpApi, server: Server) -> None:
    probe = probe_edits.save(served, {"origin": ORIGIN, "secret_header": "X-Key", "secret": SECRET})
    assert probe.headers == ["X-Key"]
    [result] = run([probe.pk])
    (asked, preflight), (method, actual) = server.requests
    assert (asked, method) == ("OPTIONS", "GET")
    assert "x-key" not in preflight
    assert actual["x-key"] == SECRET
    result.refresh_from_db()
    assert SECRET not in str((result.exchange, result.verdict, result.error))
    assert result.exchange is not None
    assert ["X-Echo", "***"] in result.exchange["response"]["headers"]
    with_secret = Probe.objects.extra(select={"raw": "apis_probe.secret"}).get(pk=probe.pk)
    assert SECRET not in with_secret.raw


def test_a_secret_stays_until_its_header_goes(served: HttpApi) -> None:
    probe = probe_edits.save(served, {"origin": ORIGIN, "secret_header": "X-Key", "secret": SECRET})
    probe_edits.save(served, {"interval": 60}, probe=probe)
    assert Probe.objects.get().secret == SECRET
    probe_edits.save(served, {"secret_header": ""}, probe=probe)
    assert Probe.objects.get().secret == ""


def test_only_a_method_marked_safe_is_sent(served: HttpApi, server: Server) -> None:
    probe = probe_edits.save(served, {"origin": ORIGIN, "method": "DELETE"})
    run([probe.pk])
    assert [method for method, _ in server.requests] == ["OPTIONS"]
    probe_edits.save(served, {"safe": True}, probe=probe)
    [result] = run([probe.pk])
    assert [method for method, _ in server.requests[1:]] == ["OPTIONS", "DELETE"]
    assert result.passed


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"status": "20"}, "status"),
        ({"status": "299-200"}, "status"),
        ({"min_max_age": 60}, "min_max_age"),
        ({"min_max_age": -1, "headers": ["x-a"]}, "min_max_age"),
        ({"max_latency": 0}, "max_latency"),
        ({"certificate_days": 400}, "certificate_days"),
        ({"readable_headers": ["x-a"], "expect": "blocked"}, "readable_headers"),
        ({"readable_headers": ["x-a"], "method": "DELETE"}, "readable_headers"),
        ({"readable_headers": ["x a"]}, "readable_headers"),
        ({"recoveries": 0}, "recoveries"),
        ({"retry_interval": 5}, "retry_interval"),
        ({"secret_header": "Host", "secret": "x"}, "secret_header"),
        ({"secret_header": "X-Key", "secret": "a\nb"}, "secret"),
        ({"safe": 1}, "safe"),
    ],
)
def test_what_cannot_be_expected_is_refused_at_its_field(known: HttpApi, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        probe_edits.save(known, {"origin": ORIGIN} | values)
    assert set(refused.value.errors) == {field}


def test_a_failure_is_tried_again_soon_until_it_is_down(known: HttpApi) -> None:
    probe = probe_edits.save(
        known, {"origin": "https://evil.example", "path": "/items", "interval": 3600, "retry_interval": 15}
    )
    for state, waits in ((Probe.State.FAILING, True), (Probe.State.DOWN, False)):
        Probe.objects.filter(pk=probe.pk).update(due_at=timezone.now().timestamp() + 3600)
        [result] = run([probe.pk])
        probe.refresh_from_db()
        assert probe.state == state
        assert (probe.due_at == int(result.at.timestamp()) + 15) is waits


def test_without_a_retry_interval_it_waits_for_its_turn(known: HttpApi) -> None:
    probe = probe_edits.save(known, {"origin": "https://evil.example", "path": "/items", "retry_interval": 0})
    due = int(timezone.now().timestamp()) + 300
    Probe.objects.filter(pk=probe.pk).update(due_at=due)
    run([probe.pk])
    assert Probe.objects.get().due_at == due


def test_it_recovers_after_so_many_passes_in_a_row(known: HttpApi) -> None:
    probe = probe_edits.save(known, {"origin": ORIGIN, "path": "/items", "recoveries": 2})
    Probe.objects.filter(pk=probe.pk).update(state=Probe.State.DOWN, failed_in_a_row=2)
    states = []
    for _ in range(2):
        run([probe.pk])
        states.append(Probe.objects.get().state)
    assert states == [Probe.State.DOWN, Probe.State.UP]
