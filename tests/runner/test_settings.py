"""Settings that make no sense are said at the start, by name, and no value that may be a password is repeated."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from corsdash import environment
from tests.support.up import ROOT, own_environ

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("CORSDASH_SYNC_SECONDS", "abc", lambda: environment.number("CORSDASH_SYNC_SECONDS", 300, 1, 86_400)),
        ("CORSDASH_CALLS_PER_S", "-1", lambda: environment.number("CORSDASH_CALLS_PER_S", 4, 0.1, 1000)),
        ("CORSDASH_LOG_LEVEL", "LOUD", lambda: environment.log_level("INFO")),
        ("CORSDASH_DEBUG", "maybe", lambda: environment.switch("CORSDASH_DEBUG")),
        ("CORSDASH_URL", "cors.example.com", environment.own_url),
        ("CORSDASH_URL", "https://ann:hunter2@cors.example.com", environment.own_url),
        ("CORSDASH_EMAIL_URL", "mail.example.com:hunter2", environment.mailer),
        ("CORSDASH_ALLOWED_NETWORKS", "10.0.0.0/8,office", lambda: environment.networks("CORSDASH_ALLOWED_NETWORKS")),
        ("CORSDASH_ALLOWED_NETWORKS", "10.0.0:80", lambda: environment.networks("CORSDASH_ALLOWED_NETWORKS")),
        ("CORSDASH_ALLOWED_PORTS", "443,https", lambda: environment.ports("CORSDASH_ALLOWED_PORTS")),
        ("CORSDASH_ALLOWED_PORTS", "65536", lambda: environment.ports("CORSDASH_ALLOWED_PORTS")),
        ("CORSDASH_CA_FILE", "/there/is/no/such/file", lambda: environment.certificates("CORSDASH_CA_FILE")),
        ("CORSDASH_CA_FILE", __file__, lambda: environment.certificates("CORSDASH_CA_FILE")),
        ("REDIS_URL", "nonsense:hunter2", lambda: environment.broker_url(ROOT)),
        ("DATABASE_URL", "mysql://ann:hunter2@db/corsdash", environment.database),
        ("DATABASE_URL", "nonsense:hunter2", environment.database),
        ("SECRET_KEY_FILE", "/there/is/no/such/file", lambda: environment.secret_key(ROOT, True)),
    ],
)
def test_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, read: Callable[[], Any]) -> None:
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"^{name} ") as found:
        read()
    assert "hunter2" not in str(found.value)


def test_a_command_ends_with_one_line(tmp_path: Path) -> None:
    """Here: that the tables are missing."""
    command = [sys.executable, "manage.py", "token", "ada"]
    found = subprocess.run(command, cwd=ROOT, env=own_environ(tmp_path), capture_output=True, text=True, timeout=60)
    assert found.returncode == 1
    assert "`manage.py prepare`" in found.stderr
    assert len(found.stderr.splitlines()) == 1
