"""The words of a command are those that bash itself passes on, and another shell's escapes are taken off."""

from __future__ import annotations

import subprocess

import pytest

from apis.cors.formats.commands.shell import ShellError, unescaped, words

WORDS = {
    "a b  c\td": ["a", "b", "c", "d"],
    "'a  b' \"c  d\"": ["a  b", "c  d"],
    "a'b'\"c\"d": ["abcd"],
    "'a\"b' \"c'd\"": ['a"b', "c'd"],
    r"'a\b' 'c\'": [r"a\b", "c\\"],
    "a '' b \"\"": ["a", "", "b", ""],
    r'"\"\\\$\`"': ['"\\$`'],
    r'"a\b\n\'"': [r"a\b\n\'"],
    'x"a\\\nb"y': ["xaby"],
    '"a\nb"': ["a\nb"],
    "a\\\nb": ["ab"],
    "a \\\n b": ["a", "b"],
    r"\a\ \'\"\\\;": ["a '\"\\;"],
    "$''": [""],
    r"x$'a\nb'y": ["xa\nby"],
    r"$'\t\r\a\b\e\E\f\v'": ["\t\r\a\b\x1b\x1b\f\v"],
    r"$'\\\'\"\?'": ["\\'\"?"],
    r"$'\u00e9\u41g\U0001f600\x41g\x4a5'": ["éAg\U0001f600AgJ5"],
    r"$'\101\1011\78'": ["AA1\x078"],
    r"$'\q\xg\uz\U'": [r"\q\xg\uz\U"],
    "a#b #c d": ["a#b"],
    "a '#b'": ["a", "#b"],
    "a >/dev/null": ["a"],
    "a 2>&1": ["a"],
    "a 2 >/dev/null": ["a", "2"],
    "a b2>/dev/null": ["a", "b2"],
    "a 3</dev/null": ["a"],
    "a={b},c=[d]": ["a={b},c=[d]"],
    "a%b^c~d": ["a%b^c~d"],
}
"""Commands, and the words that bash makes of each."""
AFTER = {
    "a b; c": (["a", "b"], "; c"),
    "a|b": (["a"], "|b"),
    "a && b": (["a"], "&& b"),
    "a\nb": (["a"], "\nb"),
    "\n # x y\n\n a\nb": (["a"], "\nb"),
    "a #x\nb": (["a"], "\nb"),
    "a # x": (["a"], ""),
    "a 2>&1 b": (["a"], ">&1 b"),
    "a$b '$c' \"$d\" \\$e $": (["a$b", "$c", "$d", "$e", "$"], ""),
    "a\\\r\nb \\\r\n c\r\nd": (["ab", "c"], "\nd"),
    "a\\": (["a"], ""),
    "a <b-c> x<d.e>y >f": (["a", "<b-c>", "x<d.e>y"], ">f"),
    "a <b >c": (["a"], "<b >c"),
    "": ([], ""),
}
"""Texts, the words of the first command with variables as they are written, and the text after it."""


def test_bash_makes_these_words() -> None:
    script = "exec 4>&1\nshow() { printf '%s\\0' \"$@\" $'\\1' >&4; }\n" + "".join(f"show {text}\n" for text in WORDS)
    done = subprocess.run(["bash", "--norc"], input=script.encode(), capture_output=True, check=True,
                          env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})  # fmt: skip
    passed = [part.split("\0")[:-1] for part in done.stdout.decode().split("\1\0")[:-1]]
    assert dict(zip(WORDS, passed, strict=True)) == WORDS


def test_a_command_has_the_words_that_bash_passes_on() -> None:
    assert {text: words(text)[0] for text in WORDS} == WORDS


def test_a_command_ends_where_another_begins() -> None:
    assert {text: words(text) for text in AFTER} == AFTER


def test_a_lines_end_may_be_a_blank() -> None:
    assert words("a\nb # c\nd; e", lines=True) == (["a", "b", "d"], "; e")


@pytest.mark.parametrize(
    ("text", "line"),
    [("a 'b", 1), ("a \\\n'b", 2), ('a "b\n', 1), ('a "b\\"\nc\\"d', 1), ("a $'b\\'\nc\\'d", 1), ("'a\nb' \"c", 2)],
)
def test_a_quote_that_is_not_closed_has_the_line_on_which_it_opens(text: str, line: int) -> None:
    with pytest.raises(ShellError) as caught:
        words(text)
    assert caught.value.line == line


UNESCAPED = {
    'curl ^"https://a.example^" ^\n -H ^"a: b^%c^"': 'curl "https://a.example"    -H "a: b%c"',
    "curl a ^\r\n -v": "curl a    -v",
    "curl a^^b ^\n c^": "curl a^b    c",
    "curl a^b": "curl a^b",
    'curl "a^" -v': 'curl "a^" -v',
    "curl 'x' ^\"y": "curl 'x' ^\"y",
    "curl a `\n -v": "curl a    -v",
    "curl a ` \t\r\n -v": "curl a    -v",
    "curl a`\n -v": "curl a`\n -v",
    "curl `a` b": "curl `a` b",
}
"""Commands of the Windows prompt and of PowerShell, and the same for bash."""


def test_escapes_of_other_shells_are_taken_off() -> None:
    assert {text: unescaped(text).split() for text in UNESCAPED} == {
        text: plain.split() for text, plain in UNESCAPED.items()
    }
