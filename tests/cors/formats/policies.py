"""Policies for property tests: ordinary ones, and ones whose texts try to break out of every language's quotes."""

from __future__ import annotations

from hypothesis import strategies as st

from apis.cors.formats import ExportContext
from apis.cors.policy import CorsPolicy

HOSTILE = (
    "*",
    "",
    " ",
    "null",
    "true",
    "-1",
    "it's",
    'say "no"',
    "back\\slash",
    "\\",
    "\\\\${self:x}",
    "line\nline",
    "\r\n",
    "${aws:region}",
    "$${x}",
    "%{ if true }",
    "%%{x}",
    "${",
    "%{",
    "${${a}}",
    "$%{a}",
    "{{resolve:ssm:x}}",
    "!Ref X",
    "&a",
    "# no comment",
    "// no",
    "a, b",
    "a=b",
    "Fn::Sub",
    "`id`$(id)",
    "'; rm -rf / #",
    "</script>",
    "\x7f\x85\xa0\ufeff\u2028\u2029",
    "\U0001f600\U000e0001\uffff",
    "bücher.example",
)

# NUL is left out: no header and no database column can hold it, so imports refuse it.
TEXTS = st.one_of(
    st.sampled_from(("https://app.example.com", "GET", "content-type", *HOSTILE)),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map("".join),
)
LISTS = st.lists(TEXTS, max_size=4).map(tuple)
POLICIES = st.one_of(
    st.just(CorsPolicy.off()),
    st.builds(
        CorsPolicy,
        allow_origins=LISTS,
        allow_headers=LISTS,
        allow_methods=LISTS,
        expose_headers=LISTS,
        max_age=st.integers(-10, 90_000),
        allow_credentials=st.booleans(),
    ),
)
CONTEXTS = st.builds(ExportContext, api_id=TEXTS, name=TEXTS, region=TEXTS)
