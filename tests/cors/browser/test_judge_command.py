"""`manage.py judge`: lines in, lines out, in order, as they come."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from apis.cors.judging import LONGEST_LINE
from tests.cors.browser.test_recorded_verdicts import recorded

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "manage.py", "judge"]

pytestmark = pytest.mark.once


def run(given: bytes) -> list[dict[str, object]]:
    done = subprocess.run(COMMAND, cwd=ROOT, input=given, capture_output=True, timeout=60, check=True)
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_recorded_exchanges_are_answered_in_order() -> None:
    rows = recorded()
    answers = run("".join(json.dumps(row) + "\n" for row in rows).encode())
    assert [answer["id"] for answer in answers] == [row["id"] for row in rows]
    assert [answer["code"] for answer in answers] == [row["browsers"]["code"] for row in rows]


def test_a_bad_line_is_answered_and_the_run_goes_on() -> None:
    good = json.dumps(recorded()[0]).encode()
    long = b'{"id":"' + b"x" * (2 * LONGEST_LINE) + b'"}'
    answers = run(b"\n".join([good, b"", b"\xff\xfe", b"{}\r", long, good, b'{"id": 9}', good]))
    assert ["error" in answer for answer in answers] == [False, True, True, True, True, False, True, False]
    assert [answer["id"] for answer in answers] == [0, None, None, None, None, 0, 9, 0]
    assert "longer" in str(answers[4]["error"])


def test_no_input_gives_no_output() -> None:
    assert run(b"") == []


def test_who_waits_for_an_answer_gets_it_before_the_next_line() -> None:
    with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(b'{"id": %d}\n' % number)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_a_reader_that_goes_away_ends_the_run_quietly() -> None:
    with subprocess.Popen(
        COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"{}\n")
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"{}\n")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=30) == 0
