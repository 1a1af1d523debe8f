"""What Chromium, Firefox and WebKit decided of 2,400 exchanges, and `judge` with them.

The three never differed. Each row of browser-verdicts.jsonl.gz is an exchange in the form of the `judge` contract and
what the browsers did with it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from apis.cors.browser import decisive, judge, preflight_headers
from apis.cors.exchange import Answer, Exchange
from apis.cors.judging import judge_line, read_exchange

RECORDED = Path(__file__).with_name("browser-verdicts.jsonl.gz")


def recorded() -> list[dict[str, Any]]:
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def judged(row: dict[str, Any]) -> dict[str, Any]:
    """Our verdict in the form of the recorded one."""
    exchange = read_exchange(row["exchange"])
    verdict = judge(exchange)
    found: dict[str, Any] = {
        "needs_preflight": verdict.needs_preflight,
        "allowed": verdict.allowed,
        "code": verdict.code,
        "exposed": list(verdict.exposed),
    }
    if verdict.needs_preflight:
        sent = dict(preflight_headers(exchange.request))
        found["access_control_request_method"] = sent["Access-Control-Request-Method"]
        found["access_control_request_headers"] = sent.get("Access-Control-Request-Headers")
    return found


def test_every_recorded_verdict_is_ours() -> None:
    rows = recorded()
    wrong = [(row["id"], judged(row), row["browsers"]) for row in rows if judged(row) != row["browsers"]]
    assert len(rows) == 2400
    assert wrong == []


def test_the_judge_contract_gives_the_same_verdicts_and_always_a_reason() -> None:
    for row in recorded():
        answer = judge_line(json.dumps(row))
        assert set(answer) == {"id", "needs_preflight", "allowed", "code", "reason", "exposed"}
        expected = row["browsers"]
        assert {name: answer[name] for name in ("needs_preflight", "allowed", "code", "exposed")} == {
            name: expected[name] for name in ("needs_preflight", "allowed", "code", "exposed")
        }
        assert answer["id"] == row["id"]
        assert row["exchange"]["request"]["origin"] in answer["reason"]
        assert answer["reason"].endswith(".")


def test_what_does_not_decide_can_be_left_out() -> None:
    for row in recorded():
        exchange = read_exchange(row["exchange"])
        noisy, plain = (_with_dates(exchange, wrap) for wrap in (lambda answer: answer, decisive))
        assert judge(plain) == judge(noisy)


def _with_dates(exchange: Exchange, wrap: Callable[[Answer], Answer]) -> Exchange:
    """The exchange with answers that also say when they were made."""

    def dated(answer: Answer | None) -> Answer | None:
        dates = (("Date", "today"), ("X-Location", "here"))
        return answer and wrap(Answer(answer.status, (*answer.headers, *dates)))

    return replace(exchange, preflight=dated(exchange.preflight), response=dated(exchange.response))
