"""The environment that the tests run in: nothing of the person's own database, broker, AWS or settings gets in."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

# Set by `python -m tests` for each of its legs; absent in a plain `pytest`, which is the first leg.
LEG = "CORSDASH_TEST_LEG"
_KEPT = {LEG, "CORSDASH_TEST_CHROME", "CORSDASH_DIFFERENTIAL", "CORSDASH_DIFFERENTIAL_SEED"}
_DROPPED = ("AWS_", "CORSDASH_", "DATABASE_URL", "REDIS_URL", "CELERY_", "SECRET_KEY", "DJANGO_")
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
_BYTECODE = Path(__file__).resolve().parents[2] / ".cache" / "bytecode"


def clean(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """`environ` without what could lead a test to the person's own data, and with no way to AWS credentials."""
    kept = {name: value for name, value in environ.items() if name in _KEPT or not name.startswith(_DROPPED)}
    # The tests start dozens of processes. Where none may leave bytecode besides its source, all of them compiling all
    # of Django would take longer than the tests.
    if kept.pop(_NO_BYTECODE, ""):
        kept["PYTHONPYCACHEPREFIX"] = str(_BYTECODE)
    return kept | {
        "CORSDASH_DATA": str(home / "data"),
        "AWS_CONFIG_FILE": str(home / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        # Playwright's synchronous API runs an event loop in the main thread; Django must not take it for our own.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }


def temporary_home(name: str) -> Path:
    """A new folder that other users may enter (PostgreSQL never runs as root), gone when the process ends."""
    home = Path(tempfile.mkdtemp(prefix=f"corsdash-{name}-"))
    home.chmod(0o755)
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(home, ignore_errors=True)

    atexit.register(remove)
    return home


def enter() -> None:
    """Make this process's environment that of the tests; a process that `python -m tests` started has it already."""
    if LEG in os.environ:
        return
    environ = clean(os.environ, temporary_home("tests"))
    os.environ.clear()
    os.environ.update(environ, **{LEG: "sqlite"})
