"""The data folder holds secrets: it is its owner's alone, whatever it was before."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from corsdash import environment
from tests.support.up import ROOT, Up, own_environ

pytestmark = pytest.mark.once


def mode(path: Path) -> int:
    """A file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test."""
    path = tmp_path / "data"
    monkeypatch.setenv("CORSDASH_DATA", str(path))
    return path


@pytest.mark.parametrize("content", ["", "corsdash.sqlite3", "secret-key"])
@pytest.mark.parametrize("open_to", [0o755, 0o777, 0o750, 0o701])
def test_an_existing_one_is_tightened(folder: Path, open_to: int, content: str) -> None:
    folder.mkdir()
    if content:
        (folder / content).write_text("x")
    folder.chmod(open_to)
    assert environment.data_folder() == folder
    assert mode(folder) == 0o700


@pytest.mark.parametrize(("open_to", "content"), [(0o755, "photos"), (0o1777, ""), (0o1777, "corsdash.sqlite3")])
def test_a_folder_with_other_files_is_refused(folder: Path, open_to: int, content: str) -> None:
    """To close /tmp or a home to its other users would break what is there."""
    folder.mkdir()
    if content:
        (folder / content).write_text("x")
    folder.chmod(open_to)
    with pytest.raises(ImproperlyConfigured, match=f"chmod 700 {folder}"):
        environment.data_folder()
    assert mode(folder) == open_to


def test_files_in_it_are_its_owners_alone(folder: Path) -> None:
    """The database, from its first moment; and what an earlier version left open."""
    environ = own_environ(folder.parent) | {
        "CORSDASH_DATA": str(folder),
        "CORSDASH_ADMIN_PASSWORD": "only for the test",
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        environ.pop(name, None)
    command = [sys.executable, "manage.py", "prepare"]
    subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, timeout=120, umask=0o022)
    database = folder / environment.DATABASE_FILE
    assert database.stat().st_size > 0 and mode(database) == 0o600 and mode(folder) == 0o700
    for path in (database, folder / "secret-key"):
        path.chmod(0o644)
    environment.keep_private(folder, environment.DATABASE_FILE)
    assert {mode(path) for path in folder.iterdir() if path.is_file()} == {0o600}


def test_all_that_a_run_writes_is_its_owners_alone(up: Up) -> None:
    """Broker, journal and schedule included."""
    found = [Path(at) / name for at, _, names in os.walk(up.home / "up") for name in names]
    assert len(found) > 3
    assert {path.name: oct(mode(path)) for path in found if path.is_file() and mode(path) & 0o077} == {}
