"""A machine that is too busy to answer in time delays the demo's past day, and neither ends nor falsifies it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apis.aws.clients import TRIES_ELSEWHERE
from apis.demo.history.aws import DemoApi
from apis.demo.history.making import begin
from apis.demo.history.moved_clock import moved_clock
from apis.demo.history.past import Past
from apis.demo.history.watching import EXPECTED, add_probes
from apis.demo.serve import Demo
from apis.inventory.models import HttpApi, SyncRegion
from apis.probing.models import Result
from tests.outbound.hosts import NO_CONTENT, Host, answering, silent

pytestmark = pytest.mark.once


def test_a_demo_that_does_not_answer_in_time_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apis.demo.history.aws.TIMEOUT_S", 0.3)
    monkeypatch.setattr("apis.demo.history.aws.PAUSE_S", 0.01)
    answers = iter([silent, silent])
    with Host(lambda connection: next(answers, answering(NO_CONTENT))(connection)) as busy:
        DemoApi(busy.url).post("clock", {"behind": 0})
    assert busy.connections >= 3, "the first two hang; a busy machine may need more"
    monkeypatch.setattr("apis.demo.history.aws.PATIENCE_S", 0.1)
    with pytest.raises(OSError):
        DemoApi(busy.url).post("clock", {"behind": 0})


def test_syncs_and_calls_that_are_held_up_are_made_again(
    db: None, admin: User, demo: Demo, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apis.demo.history.aws.PAUSE_S", 0.01)
    settings.CORSDASH_CALLS_PER_S = 1000
    settings.CORSDASH_DEMO_ADDRESSES = [demo.endpoint.partition("//")[2], f"127.0.0.1:{demo.gateway_port}"]
    assert begin(demo.endpoint)
    aws = DemoApi(demo.endpoint)
    with moved_clock(aws) as clock:
        past = Past(clock, aws, timezone.now())
        past.begin(hours=1)
        aws.post("faults", {"kind": "drop", "operation": "GetApis", "times": 2 * TRIES_ELSEWHERE + 1})
        past.sync()
        add_probes(admin)
        aws.break_once(HttpApi.objects.get(name="shop-catalog"), "slow", EXPECTED["shop-catalog"]["max_latency"] / 1000)
        past.go_to(minutes=30)
    demo.reset()
    assert set(SyncRegion.objects.values_list("state", flat=True)) == {"done"}
    results = Result.objects.filter(probe__api__name="shop-catalog")
    assert results.exists() and not results.exclude(passed=True).exists()
