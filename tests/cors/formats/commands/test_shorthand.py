"""Our reader of the CLI's shorthand agrees with the AWS CLI's own."""

from __future__ import annotations

import pytest
from awscli.shorthand import ShorthandParseError, ShorthandParser
from hypothesis import example, given
from hypothesis import strategies as st

from apis.cors.formats.commands.shorthand import parse_shorthand
from apis.cors.formats.format import FormatError

NAMES = ("AllowOrigins", "AllowMethods", "MaxAge", "AllowCredentials")
PLAIN = st.sampled_from(("https://a.example", "http://localhost:3000", "*", "GET", "true", "86400", "x-y"))
ODD = st.sampled_from(
    ('"a b"', "'a,b'", '"say \\"a\\""', "a\\,b", " a", "[a,b]", "[ 'a' , b ]", "[]", "", "a]b", "a}b")
)
MEMBERS = st.tuples(st.sampled_from(NAMES), st.lists(st.one_of(PLAIN, ODD), min_size=1, max_size=3).map(",".join))
TEXTS = st.lists(MEMBERS, min_size=1, max_size=4).map(lambda found: ",".join(f"{key}={value}" for key, value in found))


def theirs(text):
    try:
        return ShorthandParser().parse(text)
    except ShorthandParseError:
        return None


def ours(text):
    try:
        return parse_shorthand(text)
    except FormatError:
        return None


@given(TEXTS)
@example('AllowOrigins="http://localhost:3000","https://example.com",AllowMethods="GET","POST",MaxAge=86400')
@example("AllowOrigins=a,AllowOrigins=b")
@example("AllowOrigins=a, AllowMethods=b ,c")
def test_both_read_the_same(text):
    assert ours(text) == theirs(text)


@pytest.mark.parametrize("text", ["AllowOrigins", "AllowOrigins=a,,b", "AllowOrigins=a,", "A=[a", "A={b=c}", "A='a"])
def test_what_is_no_shorthand_is_refused(text):
    assert ours(text) is None
