"""Every export, letter by letter, as compilers and AWS's own tools accepted it: `exports.txt` holds each."""

from __future__ import annotations

from pathlib import Path

import pytest

from apis.cors.formats import FORMATS, ExportContext
from apis.cors.policy import CorsPolicy

CONTEXT = ExportContext("abc123def4", "shop-api", "eu-west-1")
CASES = {
    "usual": (
        CorsPolicy(
            allow_origins=("http://localhost:3000", "https://example.com"),
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
            allow_headers=("content-type", "authorization"),
            expose_headers=("x-total",),
            max_age=86400,
        ),
        CONTEXT,
    ),
    "credentials": (CorsPolicy(allow_origins=("https://example.com",), allow_credentials=True), CONTEXT),
    "everything": (
        CorsPolicy(allow_origins=("*",), allow_methods=("*",), allow_headers=("*",), expose_headers=("*",)),
        ExportContext(),
    ),
    "odd": (
        CorsPolicy(
            allow_origins=("https://'a'\\\"$b${c}#{d}.example", "\U0001f600\x07\u2028"),
            allow_methods=("GET", "purge"),
            max_age=-1,
        ),
        ExportContext("a'b", 'quoted "name" \\', "us-east-1"),
    ),
    "empty": (CorsPolicy(), CONTEXT),
    "off": (CorsPolicy.off(), CONTEXT),
}
MARK = "=" * 8
"""What begins the line above each export."""
EXPORTS = Path(__file__).parent / "exports.txt"


def heading(form, case):
    """A format's name, its title, whether it is read as well, and the case."""
    return f"{form.name}, {form.title}, {'written and read' if form.parse else 'only written'}: {case}"


def written():
    """Every export under its heading."""
    return "".join(
        f"{MARK} {heading(form, case)}\n{form.export(*CASES[case])}" for form in FORMATS.values() for case in CASES
    )


def sections(text):
    """The exports by their headings."""
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in text.split(f"{MARK} ")[1:]}


EXPECTED = sections(EXPORTS.read_text("utf-8"))


def test_every_format_and_case_is_kept():
    assert list(EXPECTED) == [heading(form, case) for form in FORMATS.values() for case in CASES]


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_is_what_was_accepted(name):
    form = FORMATS[name]
    for case in CASES:
        assert form.export(*CASES[case]) == EXPECTED[heading(form, case)], case
