"""What the garbage collector goes through in a process that serves pages: not what was loaded, which stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.up import ROOT, own_environ

pytestmark = pytest.mark.once

_BUILT = """
import gc, json
from apis.management.web.application import build
application = build()
left, spared = len(gc.get_objects()), gc.get_freeze_count()
from django.urls import get_resolver
get_resolver().resolve("/apis/")
print(json.dumps([left, spared, len(gc.get_objects()) - left]))
"""


def test_a_full_collection_leaves_out_what_was_loaded(tmp_path: Path) -> None:
    """Also all pages: they are loaded before the first request."""
    (tmp_path / "up").mkdir(mode=0o700)
    environ = own_environ(tmp_path) | {"DJANGO_SETTINGS_MODULE": "corsdash.settings"}
    command = [sys.executable, "-c", _BUILT]
    ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=True)
    left, spared, by_a_page = json.loads(ended.stdout)
    assert spared > 100_000
    assert left < spared / 20
    assert by_a_page < spared / 20
