"""Texts made from kept ones, whatever was done to them, end in an answer or in the reader's own error."""

from __future__ import annotations

import contextlib
import itertools
import json
import random

import pytest

from apis.cors.explain import diagnose
from apis.cors.formats import FormatError, detect_and_parse, read_apis, read_list
from apis.cors.paste import ReadingError, read_paste
from tests.cors.mangled import kept_texts, mangled
from tests.cors.paste.targets import assert_nothing_false, is_address_of, target_of

API = {
    "cors": {"AllowOrigins": ["https://app.example.com"], "AllowMethods": ["GET"], "AllowHeaders": ["content-type"]},
    "routes": [["GET /items"], ["ANY /user", "JWT"]],
    "stages": {"$default": True, "dev": False},
    "domains": {"api.example.com/v1": "$default"},
}
COUNT = 300
"""Texts of each reader: tests.benchmarks.fuzz tries as many as fit into a time."""
LONGEST = 16 * 1024
"""Characters: what a change breaks, it breaks in a short text too. The benchmark and other tests have the longest."""

pytestmark = pytest.mark.once


def check_paste(text):
    """Read and diagnose, with an API and without; what comes out can be stored and contradicts nothing."""
    with contextlib.suppress(ReadingError):
        reading = read_paste(text, lambda url: is_address_of(API, url))
        for target in (target_of(API), target_of(None)):
            found = diagnose(reading, target)
            json.dumps(found.as_json()).encode()
            assert_nothing_false(found, target)


def check_formats(text):
    """Import, lint and read as a list; a policy can be sent to AWS as JSON."""
    with contextlib.suppress(FormatError):
        name, policy = detect_and_parse(text)
        assert name
        json.dumps(policy.to_aws())
    with contextlib.suppress(FormatError):
        for api in read_apis(text)[1]:
            json.dumps(api.policy.to_aws())
    read_list(text)


CHECKS = {"paste": check_paste, "formats": check_formats}


@pytest.mark.parametrize("reader", CHECKS)
def test_a_mangled_text_ends_in_an_answer_or_in_the_readers_error(reader):
    for text in itertools.islice(mangled(kept_texts(reader), random.Random(18), LONGEST), COUNT):
        CHECKS[reader](text)
