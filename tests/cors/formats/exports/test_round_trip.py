"""What one format writes, it reads back unchanged; and the text alone tells which format it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given

from apis.cors.formats import FORMATS, ExportContext, FormatError, detect_and_parse
from apis.cors.policy import FIELDS, LIST_FIELDS, CorsPolicy
from tests.cors.formats.policies import CONTEXTS, HOSTILE, POLICIES

BOTH = [name for name, form in FORMATS.items() if form.parse]
PLAIN = tuple(text for text in HOSTILE if "{{resolve:" not in text)
ALL_HOSTILE = CorsPolicy(allow_origins=PLAIN, allow_headers=PLAIN, allow_methods=PLAIN, expose_headers=PLAIN)
NO_CONTEXT = ExportContext()
DYNAMIC = re.compile(r"\{\{resolve:[^}]*\}\}")
BY_CLOUDFORMATION = ("cloudformation", "sam", "serverless")
"""Formats in which `{{resolve:…}}` is a reference that CloudFormation replaces, and cannot be written as a text."""


@pytest.mark.parametrize("name", BOTH)
@given(policy=POLICIES, context=CONTEXTS)
@example(policy=ALL_HOSTILE, context=NO_CONTEXT)
@example(policy=ALL_HOSTILE.with_field("AllowCredentials", True), context=NO_CONTEXT)
@example(policy=CorsPolicy(allow_origins=HOSTILE), context=NO_CONTEXT)
@example(policy=CorsPolicy.off(), context=NO_CONTEXT)
@example(policy=CorsPolicy(), context=NO_CONTEXT)
@example(policy=CorsPolicy(max_age=-1), context=NO_CONTEXT)
@example(policy=CorsPolicy(expose_headers=("^",)), context=NO_CONTEXT)
def test_export_then_import_is_the_same_policy(name, policy, context):
    form = FORMATS[name]
    assert form.parse is not None
    text = form.export(policy, context)
    entries = [entry for field in LIST_FIELDS for entry in policy.get(field)]
    if name in BY_CLOUDFORMATION and any(DYNAMIC.search(entry) for entry in entries):
        with pytest.raises(FormatError, match="dynamic reference"):
            form.parse(text)
        return
    found = form.parse(text)
    assert found == policy
    for field in FIELDS:  # equality ignores order, repeats and the case of header names; an import keeps them
        assert found.get(field) == policy.get(field)
    assert detect_and_parse(text) == (name, policy)


@given(policy=POLICIES, context=CONTEXTS)
def test_every_format_writes_every_policy(policy, context):
    for form in FORMATS.values():
        text = form.export(policy, context if form.name != "cli" else NO_CONTEXT)
        assert text.endswith("\n")
        assert all(char.isprintable() or char == "\n" for char in text)
