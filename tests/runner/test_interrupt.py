"""Ctrl-C before a command has begun its work: it ends at once, without a word."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.up import ROOT, own_environ

pytestmark = pytest.mark.once


def heed_interrupts() -> None:
    """A shell starts what it runs in the background with SIGINT ignored, and so all that this starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("module", ["django.core.management", "django.db.models", "apis.management.up.schema"])
def test_ctrl_c_during_the_imports_of_up(tmp_path: Path, module: str) -> None:
    """While Python lists what it has imported, with still more to come."""
    command = [sys.executable, "-X", "importtime", "manage.py", "up", "--demo", "--port", "0"]
    environ = own_environ(tmp_path)
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=-1, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    )
    assert process.stderr is not None
    assert any(line.rpartition("|")[2].strip() == module for line in process.stderr)
    process.send_signal(signal.SIGINT)
    shown, rest = process.communicate(timeout=30)
    assert [line for line in rest.splitlines() if not line.startswith("import time:")] == []
    assert (process.returncode, shown) == (130, "")
