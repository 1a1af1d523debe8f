"""`manage.py prepare`: what several machines may do at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.up import ROOT, own_environ


def test_two_at_once_prepare_one_dashboard(tmp_path: Path) -> None:
    """One of them makes the tables and the user, and tells the password; the other waits and finds them made."""
    environ = own_environ(tmp_path)
    del environ["CORSDASH_ADMIN_PASSWORD"]
    command = [sys.executable, "manage.py", "prepare"]
    both = [
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    shown = "".join(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0], shown
    assert shown.count("first user: admin, password: ") == 1
    again = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60)
    assert (again.returncode, again.stdout) == (0, "")
