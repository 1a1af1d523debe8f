"""Long calculations run in a process of their own: within limits, one at a time, and refused by name beyond them."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.cors.formats import FormatError, detect_and_parse
from apis.cors.paste import ReadingError, read_calls
from apis.isolation import limits
from apis.isolation.process import Busy, Isolated, TooMuchWork
from tests.inventory.mirror import an_account, an_api
from tests.rest.conftest import Program, program

__all__ = ["program"]
pytestmark = pytest.mark.once

ENDLESS = re.fullmatch, "(a+)+b", "a" * 60
LARGE = ("AllowOrigins=" + "a=;" * 100_000)[: 256 * 1024]


@pytest.fixture
def isolated() -> Iterator[Isolated]:
    """A process that no one else uses."""
    found = Isolated()
    yield found
    found.stop()


def pid(isolated: Isolated) -> int:
    return isolated.call(os.getpid)


@pytest.mark.parametrize("limit", ["CPU_SECONDS", "WALL_SECONDS"])
def test_what_takes_too_long_is_ended_and_named(
    isolated: Isolated, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Also within one regular expression; the next call has a new process."""
    before = pid(isolated)
    monkeypatch.setattr(limits, limit, 0.2)
    with pytest.raises(TooMuchWork) as caught:
        isolated.call(*ENDLESS, field="text")
    assert (caught.value.status, caught.value.field) == (422, "text")
    monkeypatch.undo()
    assert pid(isolated) != before


def test_what_takes_too_much_memory_is_refused(isolated: Isolated) -> None:
    with pytest.raises(TooMuchWork):
        isolated.call(bytes, limits.BYTES)


def test_one_call_at_a_time_and_few_wait(isolated: Isolated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CPU_SECONDS", 2.0)
    monkeypatch.setattr(limits, "TURN_SECONDS", 0.1)
    with ThreadPoolExecutor() as threads:
        calls = [threads.submit(lambda: isolated.call(*ENDLESS)) for _ in range(limits.MOST_AT_ONCE + 2)]
        kinds = sorted(type(call.exception()).__name__ for call in calls)
    assert kinds == ["Busy"] * (len(calls) - 1) + ["TooMuchWork"]
    assert Busy("").status == 503


def test_errors_arrive_as_they_were_raised(isolated: Isolated) -> None:
    """With what they have besides a message."""
    for read, text, kind in (
        (detect_and_parse, 'cors_configuration {\n max_age = "x"\n}', FormatError),
        (read_calls, "hello", ReadingError),
    ):
        with pytest.raises(kind) as here:
            read(text)
        with pytest.raises(kind) as there:
            isolated.call(read, text)
        assert (str(there.value), vars(there.value)) == (str(here.value), vars(here.value))


def test_a_process_that_was_killed_is_replaced(isolated: Isolated) -> None:
    before = pid(isolated)
    os.kill(before, signal.SIGKILL)
    assert pid(isolated) != before


def test_it_ends_with_the_process_that_started_it(isolated: Isolated) -> None:
    process = pid(isolated)
    isolated.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_large_import_leaves_the_processor_to_pages(signed_in: Client, db: None) -> None:
    """The page says what is wrong with it at a fraction of the time that it takes to read."""
    api = an_api(an_account(), "orders", {"AllowOrigins": ["https://app.example.com"]})
    path = f"/apis/{api.pk}/configure/"
    signed_in.post(path, {"preset": "import", "preset_text": "a=;"})
    start = time.process_time()
    page = signed_in.post(path, {"preset": "import", "preset_text": LARGE})
    asked = time.process_time() - start
    with pytest.raises(FormatError) as wrong:
        detect_and_parse(LARGE)
    read = time.process_time() - start - asked
    assert page.status_code == 422
    assert str(wrong.value) in page.content.decode()
    assert asked < read / 2


@pytest.mark.parametrize("limit", ["CPU_SECONDS", "WALL_SECONDS"])
def test_a_large_paste_is_refused_by_name(
    admin: User,
    program: Callable[[User], Program],
    signed_in: Client,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    monkeypatch.setattr(limits, limit, 0.001)
    text = "fetch('https://a.example/');\n" * 8_000
    program(admin).call("POST", "explain", {"pasted": text}).problem(422, "pasted")
    assert signed_in.post("/explain/", {"pasted": text}).status_code == 422
