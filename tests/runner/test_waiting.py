"""Nothing hangs: an AWS that is slow and a broker that does not answer hold up no one but those who need them."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError

import pytest

from apis.jobs.queue import NOTHING_SENT, UNREACHABLE
from tests.runner.test_up import children
from tests.support.servers import until
from tests.support.up import Up

pytestmark = pytest.mark.once
type Ask = Callable[..., tuple[int, Any]]
NAME = "my-frontend-app-api"
SOON_S = 5
"""The client's own deadline: hanging took 20 to 40 seconds."""


@pytest.fixture
def ask(up: Up) -> Ask:
    """`ask("PUT", "apis/1/cors", {…})`: the status and the JSON, within the client's deadline."""
    token = up.manage("token", "admin").strip()

    def call(method: str, path: str, body: object = None, seconds: float = SOON_S) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{up.url}/api/v1/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    # The first call of a process reads the OpenAPI document.
    call("GET", "accounts", seconds=60)
    until(lambda: any(one["name"] == NAME for one in call("GET", "apis")[1]["items"]), "the demo's APIs are listed")
    return call


@pytest.fixture
def api(ask: Ask) -> dict[str, Any]:
    """An API of the demo."""
    found: dict[str, Any] = next(one for one in ask("GET", "apis")[1]["items"] if one["name"] == NAME)
    return found


@contextmanager
def slow(up: Up, seconds: float, operation: str = "GetApi") -> Iterator[None]:
    """The demo AWS takes so long for an operation."""
    faults = f"{up.demo_endpoint}/_demo/faults"
    fault = json.dumps({"kind": "slow", "operation": operation, "seconds": seconds}).encode()
    urllib.request.urlopen(faults, fault, timeout=10).close()
    try:
        yield
    finally:
        urllib.request.urlopen(urllib.request.Request(faults, method="DELETE"), timeout=10).close()


def test_many_plans_wait_for_a_slow_aws_and_hold_up_no_one(up: Up, ask: Ask, api: dict[str, Any]) -> None:
    """More of them than the web server has threads, and all are answered: on what was seen last, which they say."""
    plan = {"cors": api["cors"], "version": api["version"]}
    with slow(up, 9.5), ThreadPoolExecutor(12) as pool:
        plans = [pool.submit(ask, "POST", f"apis/{api['id']}/plan", plan, 30) for _ in range(12)]
        for _ in range(5):
            assert ask("GET", "health")[1]["database"] == "ok"
            assert ask("GET", f"apis/{api['id']}")[0] == 200
        assert not any(one.done() for one in plans), "they wait meanwhile"
        answers = [one.result() for one in plans]
    assert {status for status, _ in answers} == {200}
    assert all(found["unchecked"] for _, found in answers)


def test_a_change_waits_for_a_slow_aws(up: Up, ask: Ask, api: dict[str, Any]) -> None:
    """It is answered when it is applied, by the request that Django gets again."""
    wanted = {**(api["cors"] or {}), "MaxAge": 77}
    with slow(up, 2):
        status, change = ask("PUT", f"apis/{api['id']}/cors", {"cors": wanted, "version": api["version"]}, 30)
    assert (status, change["status"], change["after"]["MaxAge"]) == (200, "applied", 77)
    status, back = ask("POST", f"changes/{change['id']}/revert", {}, 30)
    assert (status, back["kind"], back["status"]) == (200, "revert", "applied")


@pytest.fixture
def stopped_broker(up: Up) -> Iterator[None]:
    """The broker is there and does not answer."""
    [broker] = children(up, "valkey-server") or children(up, "redis-server")
    broker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        broker.send_signal(signal.SIGCONT)


def test_a_broker_that_does_not_answer_is_said_at_once(
    up: Up, ask: Ask, api: dict[str, Any], stopped_broker: None
) -> None:
    """By everything that hands out work; reading goes on."""
    run = ask("POST", "sync", {})[1]["run"]
    assert {region["error"] for region in ask("GET", f"sync/{run}")[1]["regions"]} == {UNREACHABLE}
    until(lambda: ask("GET", "health")[1]["broker"] == "unreachable", "health says so")
    status, plan = ask("POST", f"apis/{api['id']}/plan", {"cors": None})
    assert (status, plan["unchecked"].startswith(UNREACHABLE)) == (200, True)
    wanted = {"AllowOrigins": ["https://stopped.example"]}
    status, problem = ask("PUT", f"apis/{api['id']}/cors", {"cors": wanted, "version": api["version"]})
    assert (status, problem["detail"]) == (503, UNREACHABLE)
    change = ask("GET", f"changes/{problem['change']}")[1]
    assert (change["status"], change["error"]) == ("failed", NOTHING_SENT)
    probe = ask("POST", "probes", {"api": api["id"], "origin": "https://example.com", "interval": 86400})[1]
    status, problem = ask("POST", f"probes/{probe['id']}/run", {})
    assert (status, problem["detail"]) == (503, UNREACHABLE)


def test_it_goes_on_when_the_broker_does(up: Up, ask: Ask) -> None:
    until(lambda: ask("GET", "health")[1]["broker"] == "ok", "health says so")
    run = ask("POST", "sync", {})[1]["run"]
    until(lambda: ask("GET", f"sync/{run}")[1]["state"] == "done", "a sync is done")
