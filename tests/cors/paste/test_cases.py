"""Texts that people really paste, with the API that they are about: each gets its cause and its field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apis.cors.explain import CAUSES, diagnose
from apis.cors.paste import read_paste
from tests.cors.paste.targets import assert_nothing_false, is_address_of, target_of

HERE = Path(__file__).parent
REPORTED = [json.loads(line) for line in (HERE / "cases.jsonl").read_text("utf-8").splitlines()]
MORE = [json.loads(line) for line in (HERE / "more_cases.jsonl").read_text("utf-8").splitlines()]
"""Other instances of each kind: other tools, logs, browsers, statuses and hosts."""
LATER = [json.loads(line) for line in (HERE / "later_cases.jsonl").read_text("utf-8").splitlines()]
"""Instances whose answers were decided before the readers were tried on them."""
CASES = [*REPORTED, *MORE, *LATER]


def diagnosed(case):
    """The diagnosis of a case, with the API that its text leads to."""
    reading = read_paste(case["text"], lambda url: is_address_of(case["api"], url))
    is_elsewhere = "url" not in reading.missing and not is_address_of(case["api"], reading.url)
    target = target_of(None if is_elsewhere else case["api"])
    return diagnose(reading, target), target


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_every_text_gets_its_cause_and_its_field(case):
    found, target = diagnosed(case)
    assert_nothing_false(found, target)
    if case["cause"] is None:
        assert found.cause is None and found.allowed is case["allowed"], found.cause
        return
    assert found.cause is not None
    assert found.cause.code in (case["cause"], *case.get("or", ())), (found.cause, found.also)
    if found.cause.code == case["cause"]:
        assert found.cause.field == case["field"]
    assert {one.code for one in found.also} >= set(case.get("also", ()))
    read = {"status": found.reading.status or found.reading.preflight_status, **found.request.as_json()}
    assert {name: read[name] for name in case.get("reads", {})} == case.get("reads", {})


def test_no_text_gets_a_contradiction_whatever_the_api_is():
    apis = [api for at, api in enumerate(one["api"] for one in CASES) if api not in [c["api"] for c in CASES[:at]]]
    targets = [target_of(api) for api in apis]
    assert len(targets) > 10
    for case in REPORTED:
        reading = read_paste(case["text"])
        for target in targets:
            found = diagnose(reading, target)
            assert_nothing_false(found, target)
            assert found.cause is not None or not reading.blocked, case["id"]
            json.dumps(found.as_json())


def test_the_cases_name_documented_causes_only():
    assert {case["cause"] for case in CASES} - {None} <= CAUSES.keys()
    assert len(REPORTED) == 138
