"""The forks of `up`'s supervisor, made in a process that has nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.up import ROOT, own_environ

pytestmark = pytest.mark.once

_STOPPED_AT_ONCE = """
import asyncio, collections, os, signal, sys, django
django.setup()
from apis.management.up import forks
from apis.management.up.process import Part

async def run():
    noted = []
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, noted.append, "a signal")
    ends = collections.Counter()
    for _ in range(40):
        part = await forks.fork(Part("part", [sys.executable, "-m", "timeit", "__import__('signal').pause()"]), 2)
        part.terminate()
        ends[await part.wait()] += 1
    print(dict(ends), noted)

asyncio.run(run())
"""


def test_a_part_that_is_stopped_at_once_ends(tmp_path: Path) -> None:
    """It has its supervisor's handlers for a moment: the signal must not get lost, nor reach the supervisor."""
    (tmp_path / "up").mkdir(mode=0o700)
    environ = own_environ(tmp_path) | {"DJANGO_SETTINGS_MODULE": "corsdash.settings"}
    command = [sys.executable, "-c", _STOPPED_AT_ONCE]
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "{-15: 40} []\n", ended.stderr
