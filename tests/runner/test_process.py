"""The children of `up`: what is kept running."""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from apis.management.up.process import Child, Part, Process, execute

pytestmark = pytest.mark.once


def test_a_start_that_fails_is_tried_again(capfd: pytest.CaptureFixture[str]) -> None:
    """As when the machine has no memory at the moment at which a worker has died."""
    calls: list[int] = []

    async def start(part: Part, output: int) -> Process:
        calls.append(len(calls))
        if len(calls) == 2:
            raise OSError("no memory for a process")
        return await execute(part, output)

    async def lives_again() -> None:
        child = Child(Part("worker", [sys.executable, "-c", "print('at work')"]), width=6, start=start)
        await child.start()
        async with asyncio.timeout(20):
            while len(calls) < 3:
                await asyncio.sleep(0.02)
        await child.stop()

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may be running in this one.
        thread.submit(asyncio.run, lives_again()).result()
    shown = capfd.readouterr().out
    assert "worker cannot be started: no memory for a process" in shown
    assert "worker exited (exit code 0); restarting in 1 s" in shown
