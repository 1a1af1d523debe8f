"""How the time of each reader grows with the length of a text that is made to slow it: 1.0 is linear, 2.0 quadratic.

    uv run --group test python -m tests.benchmarks.readers [READER …]

Every reader of pasted texts is in READERS; a room with readers of its own adds them there with `register`. Each text
is a unit that is repeated. tests/cors/formats/test_slopes.py asserts the slopes on short texts.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable, Iterable
from http.cookies import CookieError

import django
from django.http.cookie import parse_cookie

from apis.cors.formats import FORMATS, FormatError, detect_and_parse, read_file, read_list
from apis.cors.formats.code.javascript import Code
from apis.cors.formats.commands.script import read_script
from apis.cors.formats.commands.shell import ShellError
from apis.cors.formats.documents.document import read_document
from apis.cors.formats.terraform.hcl import read_hcl
from apis.cors.paste import ReadingError, read_error

Reader = Callable[[str], object]

READERS: dict[str, Reader] = {}
"""Every reader by its name."""

EXPECTED = (FormatError, ShellError, ReadingError, CookieError, RecursionError)
"""What a reader may raise for a text that it cannot read."""

LONGEST = 256 * 1024  # characters, the longest text that an import takes
LIMIT = 1.4
"""The steepest slope that counts as n·log n, with a margin for the noise of a busy machine."""

EARLY = 1.15
"""Between a sixteenth and a quarter of a length, the slope that is LIMIT between the quarter and the whole.

So it is for a reader with a linear and a quadratic part; one that is below needs no longer measurement.
"""


def register(name: str, reader: Reader) -> None:
    """Add a reader to the benchmark and to its test."""
    READERS[name] = reader


def _filters(text: str) -> object:
    # Their modules need Django's settings, which only a page has.
    from apis.access.page_request import number_of
    from apis.inventory.search import origin_of

    return origin_of(text), number_of(text)


for form in FORMATS.values():
    if form.parse:
        register(form.name, form.parse)
register("import", detect_and_parse)
register("linter", read_file)
register("list", read_list)
register("HCL", read_hcl)
register("YAML and JSON", read_document)
register("JavaScript", lambda text: Code(text).value(0))
register("shell", read_script)
register("paste", read_error)
register("cookies", parse_cookie)
register("filters", _filters)

# Repeated as they are; {} becomes a running number, so that each is another one.
UNITS = (
    *("{", "[", "(", "<", '"', "'", "`", "$", "\\", ",", ";", ":", "=", "#", "-", "*", "&", "!", "?", "|", ">", "%"),
    *("^", "/", ".", "_", "a", "0"),
    *(" ", "\n", "\t", "\r\n", "é", "\0"),
    *("aws ", "curl ", "a=;", "a=,", "- ", "a: ", "a:\n", "a: b\n", "a{}: b\n", "{}", "[]", "()", "''", '""', "``"),
    *("${", "${a:-", "$(", "$((", "$(a ", "%{", "${{", "$$", "\\n", "\\$", "<<A\n", "<<a{}\n", "<<-A\nA\n"),
    *("/*", "//", "/**/", "#\n", "<!--", "```\n", "```a\n", "|a", "| a |\n|--|\n", "[a](", "[a](b://", "](", "<a://"),
    *("AllowOrigins=", "AllowOrigins=a,", "AllowOrigins=a b=", "--cors-configuration ", "--cors-configuration=a "),
    *("aws apigatewayv2 update-api ", "aws apigatewayv2 update-api --api-id {} --cors-configuration A=b\n"),
    *("A=b\n", "a{}=b\n", "a=$a\n", "export A=", "if a; then ", "for a in b; do ", "a && ", "a | ", "> a "),
    *("\n\t", "a:\n\tb\n", "$(A)", "A = $(B)$(B)\nB = $(A)\n\n", ".PHONY: a\n"),
    *(
        'resource "a" "b" {\n',
        "a {\n",
        "a = b\n",
        "a = [\n",
        "a = a(",
        'a = "${',
        "x = 1 + ",
        "x = a ? b : ",
        "a.b",
        "!",
    ),
    *("const a = ", "const a{} = b;\n", "new sst.aws.ApiGatewayV2(", "a => ", "a ? b : ", "...a, ", "`${", "a?.", "a+"),
    *("&a{} [*a{}]\n", "? ", "- - ", "{a: ", "[a, ", "!Ref ", "--- a\n", "a: &a\n", "<<: *a\n"),
    *(
        "Access to fetch at 'https://a.example' ",
        "Origin: a\n",
        "HTTP/1.1 200\n",
        '{"log":{"entries":[',
        "curl -H 'a: b' ",
    ),
)


ENDS = ("", "\x1e", "\n\x1e: ", "\n}")
"""What follows the units: nothing, or what makes a text no YAML, no program and no document after all."""


def text_of(unit: str, length: int) -> str:
    """Return a text of about this length: a unit over and over."""
    count = max(length // len(unit), 1)
    if "{}" in unit and len(unit) > 2:
        return "".join(unit.replace("{}", str(number)) for number in range(max(length // (len(unit) + 3), 1)))
    return (unit * count)[:length]


def seconds(reader: Reader, text: str) -> float:
    """Return the CPU time that a reader takes for a text."""
    started = time.process_time()
    with contextlib.suppress(*EXPECTED):
        reader(text)
    return time.process_time() - started


def slope(reader: Reader, unit: str, length: int, noticeable: float, end: str = "") -> float:
    """Return the slope between a quarter of a length and all of it; 1.0 when the longer text takes no time.

    `end` follows the repeated unit: a reader may search a whole text only after its last character was refused.

    The steepest of one measurement is taken again, as another process may have been in the way.
    """
    found = math.inf
    for _ in range(3):
        small, quarter = (seconds(reader, text_of(unit, length // part) + end) for part in (16, 4))
        # Four times the text takes a quadratic reader sixteen times as long.
        if quarter < noticeable / 16:
            return 1.0
        if (early := _slope(small, quarter)) < EARLY:
            return early
        whole = seconds(reader, text_of(unit, length) + end)
        if whole < noticeable:
            return 1.0
        found = min(found, _slope(quarter, whole))
        if found < LIMIT:
            break
    return found


def _slope(quarter: float, whole: float) -> float:
    return math.log(whole / max(quarter, 1e-4), 4)


def main(names: Iterable[str]) -> None:
    """Print each reader's slowest text and steepest slope."""
    chosen = list(names) or list(READERS)
    print(f"{'reader':<16} {'steepest':>8}  {'slowest':>8}  for {LONGEST // 1024} KB")
    for name in chosen:
        reader = READERS[name]
        slopes = {unit: max(slope(reader, unit, LONGEST, 0.1, end) for end in ENDS) for unit in UNITS}
        times = {unit: seconds(reader, text_of(unit, LONGEST)) for unit in UNITS}
        steep, slow = max(slopes, key=slopes.__getitem__), max(times, key=times.__getitem__)
        print(f"{name:<16} {slopes[steep]:>8.2f}  {times[slow]:>7.2f}s  {steep!r:.30} and {slow!r:.30}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main(sys.argv[1:])
