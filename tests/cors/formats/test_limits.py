"""What stops every reader: a text that is too long, nested too deeply, or has half a character."""

from __future__ import annotations

import pytest

from apis.cors.formats import FORMATS, FormatError, detect_and_parse, read_api, read_apis, read_list
from apis.cors.formats.format import MAX_CHARACTERS, MAX_IN_FILES
from apis.cors.policy import CorsPolicy

POLICY = CorsPolicy(allow_origins=("https://a.example",))
TEXT = '{"AllowOrigins": ["https://a.example"]}'
JSON = FORMATS["json"].parse
assert JSON
READERS = {
    "detect_and_parse": (detect_and_parse, MAX_CHARACTERS),
    "read_api": (read_api, MAX_CHARACTERS),
    "read_apis": (read_apis, MAX_IN_FILES),
    "the reader of a format": (JSON, MAX_CHARACTERS),
    "read_list": (read_list, MAX_CHARACTERS),
}


@pytest.mark.parametrize("name", READERS)
def test_a_text_may_be_as_long_as_the_limit(name):
    read, longest = READERS[name]
    assert read(TEXT.ljust(longest))
    with pytest.raises(FormatError) as caught:
        read(TEXT.ljust(longest + 1))
    assert f"longer than {longest:,} characters" in caught.value.message


def test_the_limits():
    assert (MAX_CHARACTERS, MAX_IN_FILES) == (262_144, 1_048_576)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 40_000, "a: " + "{a: " * 50_000])
def test_nesting_has_an_end(text):
    with pytest.raises(FormatError) as caught:
        detect_and_parse(text)
    assert "nested too deeply" in caught.value.message


@pytest.mark.parametrize("half", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_half_a_character_has_its_line(half):
    with pytest.raises(FormatError) as caught:
        detect_and_parse(f"AllowOrigins:\n- é\n- {chr(half)}\n- {chr(half)}\n")
    assert (caught.value.field, caught.value.line) == (None, 3)
    assert "Half a character" in caught.value.message


@pytest.mark.parametrize("whole", ["\ud7ff", "\ue000", "\U0001f600"])
def test_what_stands_next_to_halves_is_whole(whole):
    assert detect_and_parse(f"AllowOrigins: ['{whole}']")[1].allow_origins == (whole,)


def test_a_mark_of_the_byte_order_is_passed_over():
    assert detect_and_parse("\ufeff" + TEXT) == ("json", POLICY)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (("is wrong.",), "is wrong."),
        (("is wrong.", "MaxAge"), "MaxAge: is wrong."),
        (("is wrong.", None, 3), "line 3: is wrong."),
        (("is wrong.", "MaxAge", 3), "line 3, MaxAge: is wrong."),
    ],
)
def test_an_error_names_its_place(given, text):
    assert str(FormatError(*given)) == text
