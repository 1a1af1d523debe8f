"""A limit for a whole piece of work at AWS, however many calls, pages and retries it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from apis.aws.errors import AwsError

_end: ContextVar[tuple[float, float] | None] = ContextVar("end", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Refuse calls that would begin more than `seconds` from now with an AwsError; an earlier limit stays."""
    now = time.monotonic()
    outer = _end.get()
    token = _end.set(outer if outer and outer[0] <= now + seconds else (now + seconds, seconds))
    try:
        yield
    finally:
        _end.reset(token)


def check() -> None:
    """Raise AwsError when the time is over."""
    end = _end.get()
    if end is not None and time.monotonic() >= end[0]:
        raise AwsError(f"AWS did not answer everything within {end[1]:g} s. Sync again later.", "Deadline")
