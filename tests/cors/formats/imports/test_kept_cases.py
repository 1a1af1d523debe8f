"""Templates that people keep, each with the right answer: read right, or refused by the name of what it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apis.cors.formats import FormatError, read_apis
from apis.cors.policy import CorsPolicy

HERE = Path(__file__).parent
KEPT = [json.loads(line) for line in (HERE / "imports.jsonl").read_text().splitlines()]
KINDS = [json.loads(line) for line in (HERE / "kinds.jsonl").read_text().splitlines()]
"""More of each kind: other tools' documents, commands wherever people keep them, values that the file itself states."""
MORE = [json.loads(line) for line in (HERE / "more_kinds.jsonl").read_text().splitlines()]
"""Other instances of the same kinds."""
LATER = [json.loads(line) for line in (HERE / "later_kinds.jsonl").read_text().splitlines()]
"""Instances whose answers were decided before the readers were tried on them."""
CASES = [*KEPT, *KINDS, *MORE, *LATER]
READ = [case for case in CASES if "apis" in case]
REFUSED = [case for case in CASES if "refused" in case]


def test_every_case_has_its_answer():
    assert len(READ) + len(REFUSED) == len(CASES)
    assert len(KEPT) == 33


@pytest.mark.parametrize("case", READ, ids=lambda case: case["id"])
def test_a_template_is_read(case):
    name, found = read_apis(case["input"])
    assert name == case["format"]
    if "notes" in case or case not in [*MORE, *LATER]:
        assert [note for api in found for note in api.notes] == case.get("notes", [])
    assert [(api.kind, api.policy) for api in found] == [
        (kind, CorsPolicy.from_aws(cors)) for kind, cors in case["apis"]
    ]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["id"])
def test_a_template_is_refused_by_the_name_of_what_it_is(case):
    with pytest.raises(FormatError) as caught:
        read_apis(case["input"])
    assert case["refused"] in str(caught.value)
