"""Templates that people keep, each with the right answer: read right, or refused by the name of what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apis.cors.formats import FormatError, read_apis
from apis.cors.policy import CorsPolicy

CASES = [json.loads(line) for line in (Path(__file__).parent / "imports.jsonl").read_text().splitlines()]
READ = [case for case in CASES if "apis" in case]
REFUSED = [case for case in CASES if "refused" in case]


def test_every_case_has_its_answer():
    assert len(READ) + len(REFUSED) == len(CASES) == 33


@pytest.mark.parametrize("case", READ, ids=lambda case: case["id"])
def test_a_template_is_read(case):
    name, found = read_apis(case["input"])
    assert name == case["format"]
    assert [(api.kind, api.policy) for api in found] == [
        (kind, CorsPolicy.from_aws(cors)) for kind, cors in case["apis"]
    ]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["id"])
def test_a_template_is_refused_by_the_name_of_what_it_is(case):
    with pytest.raises(FormatError) as caught:
        read_apis(case["input"])
    assert case["refused"] in str(caught.value)
