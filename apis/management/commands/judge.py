"""`manage.py judge`: exchanges as JSON lines on stdin, verdicts as JSON lines on stdout, in order."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand

from apis.cors.judging import LONGEST_LINE, judge_line


class Command(BaseCommand):
    """Reads until the end of the input; needs no database. A bad line is answered by its error, and the run goes on."""

    help = "Judge exchanges: JSON lines in, verdicts as JSON lines out, in order."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        out = sys.stdout
        encode = json.JSONEncoder(separators=(",", ":")).encode
        try:
            for line in lines(sys.stdin.buffer):
                out.write(encode(judge_line(line)) + "\n")
            out.flush()
        except BrokenPipeError:
            # Whoever read the verdicts has seen enough; keep Python from complaining at exit.
            sys.stderr.close()


def lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream without their ends; of one that is too long only so much as shows it."""
    while line := source.readline(LONGEST_LINE + 2):
        if not line.endswith(b"\n") and len(line) == LONGEST_LINE + 2:
            while (rest := source.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        yield line.rstrip(b"\r\n")
