"""A real Chromium: the one named, the one that npm has, the one installed, or Debian's package.

npm's comes first: it is the same one for everyone, needs a third less of the processor as it draws no windows, is
there in ten seconds where Debian's takes a hundred, and stays in `.cache/`, where the next run finds it and no one's
machine is changed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support import node

CACHE = Path(__file__).resolve().parents[2] / ".cache"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome-headless-shell")
_NPM_PACKAGE = "@sparticuz/chromium@153.0.0"
# The browser, some letters, and what Playwright's own Node asks for.
_DEBIAN_PACKAGES = ("chromium", "fonts-liberation", "libatomic1")
_MINUTES = 60


@dataclass(frozen=True)
class Chromium:
    """A program, and what must be in its environment."""

    path: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ("--no-sandbox",)


def find() -> Chromium:
    """A Chromium that can be run; fetched when there is none. Fails the test, never skips it, when there is no way."""
    if named := os.environ.get("CORSDASH_TEST_CHROME"):
        if not os.access(named, os.X_OK):
            pytest.fail(f"CORSDASH_TEST_CHROME names {named}, which is no program")
        return Chromium(Path(named))
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "chromium.lock").open("w") as lock:  # The two legs of the tests need it at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _unpacked() or _from_npm() or _installed() or _from_debian()
        # Playwright itself needs a Node that runs, whichever Chromium it drives.
        return found if found and node.node(CACHE, _done) else _nowhere()


def _installed() -> Chromium | None:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    return Chromium(Path(found)) if found else None


def _unpacked() -> Chromium | None:
    home = CACHE / "chromium"
    if not (home / "complete").exists():
        return None
    # Its own copies of the libraries that a bare machine lacks, after those of the machine.
    libraries = ":".join(filter(None, [os.environ.get("LD_LIBRARY_PATH", ""), str(home / "al2023" / "lib")]))
    fonts = {} if Path("/etc/fonts/fonts.conf").exists() else {"FONTCONFIG_PATH": str(home / "fonts")}
    return Chromium(home / "chromium", {"LD_LIBRARY_PATH": libraries, **fonts})


def _from_debian() -> Chromium | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "-q", "update"],
        ["apt-get", "-q", "install", "-y", "--no-install-recommends", *_DEBIAN_PACKAGES],
    ):
        if not _done(command, environ):
            return None
    return _installed()


def _from_npm() -> Chromium | None:
    npm, program = node.npm(CACHE, _done), node.node(CACHE, _done)
    if npm is None or program is None:
        return None
    home = CACHE / "chromium"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    if not _done([*npm, "install", "--no-save", "--ignore-scripts", "--prefix", str(home), _NPM_PACKAGE], os.environ):
        return None
    package = home / "node_modules" / "@sparticuz" / "chromium" / "bin"
    for packed in package.rglob("*.br"):
        _unpack(packed, home, program)
    fonts = home / "fonts" / "fonts.conf"
    fonts.write_text(fonts.read_text().replace("/opt/fonts", str(home / "fonts" / "fonts")))
    (home / "chromium").chmod(0o755)
    shutil.rmtree(home / "node_modules")
    (home / "complete").touch()
    found = _unpacked()
    if found and _done([str(found.path), "--version"], {**os.environ, **found.environ}):
        return found
    (home / "complete").unlink()
    return None


def _unpack(packed: Path, home: Path, program: Path) -> None:
    """Unpack a Brotli file, which Node can."""
    script = "const {createBrotliDecompress: b} = require('zlib'); process.stdin.pipe(b()).pipe(process.stdout)"
    target = home / packed.stem
    with packed.open("rb") as source, target.open("wb") as plain:
        subprocess.run([program, "-e", script], stdin=source, stdout=plain, check=True, timeout=_MINUTES)
    if target.suffix == ".tar":
        with tarfile.open(target) as tar:
            # The archive of fonts and of libraries bring a folder of their own; swiftshader lies besides the program.
            tar.extractall(home if packed.name.startswith("swiftshader") else home / target.stem, filter="data")
        target.unlink()


def _done(command: list[str], environ: Mapping[str, str]) -> bool:
    with (CACHE / "chromium.log").open("ab") as log:
        log.write(f"$ {' '.join(command)}\n".encode())
        log.flush()
        try:
            run = subprocess.run(
                command, env=dict(environ), stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=10 * _MINUTES
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            log.write(f"{error}\n".encode())
            return False
        return run.returncode == 0


def _nowhere() -> Chromium:
    pytest.fail(
        "these tests need a Chromium: install one (Debian: apt install chromium), or name one in CORSDASH_TEST_CHROME; "
        f"fetching one failed, see {CACHE / 'chromium.log'}"
    )
