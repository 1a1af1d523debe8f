"""`manage.py judge`: exchanges as JSON lines on stdin, verdicts as JSON lines on stdout, in order."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Any, cast

from django.core.management.base import BaseCommand

from apis.cors.judging import LONGEST_LINE, judge_line

_CHUNK = 1 << 16


class Command(BaseCommand):
    """Reads until the end of the input; needs no database. A bad line is answered by its error, and the run goes on."""

    help = "Judge exchanges: JSON lines in, verdicts as JSON lines out, in order."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge until the end of the input."""
        # Nothing here makes cycles, so that looking for them after every few hundred objects is time lost.
        gc.freeze()
        gc.set_threshold(100_000)
        encode = json.JSONEncoder(separators=(",", ":")).encode
        try:
            # One write for all that has arrived: quick for a file, and no one who waits for an answer waits for more.
            for arrived in batches(cast(BufferedIOBase, sys.stdin.buffer)):
                sys.stdout.write("".join(encode(judge_line(line)) + "\n" for line in arrived))
                sys.stdout.flush()
        except BrokenPipeError:
            # Anyone who reads the verdicts has seen enough; Python must not try to flush again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def batches(source: BufferedIOBase) -> Iterator[list[bytes]]:
    """Yield the lines of a stream, as many as have arrived; of a line that is too long only enough to notice."""
    rest = b""
    while chunk := source.read1(_CHUNK):
        *done, tail = chunk.split(b"\n")
        if done:
            done[0] = rest + done[0]
            rest = tail
            yield done
        elif len(rest) <= LONGEST_LINE:
            rest += tail
    if rest:
        yield [rest]
