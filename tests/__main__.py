"""The test command: `uv run --group test python -m tests [--leg NAME] [pytest arguments]`.

Runs the suite twice at the same time: on SQLite with the embedded broker, and on PostgreSQL with Valkey over TCP. Tests
marked `once` run in one leg alone. Whole dashboards, pages in a browser, and the rules, which need no database, run in
processes of their own next to the first leg. The last line counts all: `N passed, N failed`, where anything that is not
a pass is a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from apis.management.up.broker import server_command
from apis.management.up.claim import first_free
from apis.management.up.process import die_with_us
from tests.support import postgres
from tests.support.environment import LEG, clean, temporary_home
from tests.support.tally import COLLECTED, PART, TALLY

ROOT = Path(__file__).resolve().parent.parent
LEGS = ("sqlite", "postgres")
# Of a run of both: the process's name, its leg, its part, how much it gives way to others. What often waits goes first,
# and so does what has the most to do: no processor shall be idle while one of them is not done.
PARTS = (
    ("sqlite", "sqlite", "first", 0),
    ("rules", "sqlite", "rules", 3),
    ("whole", "sqlite", "whole", 0),
    ("pages", "sqlite", "pages", 0),
    ("postgres", "postgres", "second", 1),
)


@dataclass
class Leg:
    """One run of the suite, its output in a file."""

    name: str
    process: subprocess.Popen[bytes]
    output: Path
    tally: Path

    @property
    def took(self) -> str:
        """How long it ran, and its own and its children's time on a processor."""
        try:
            tally = json.loads(self.tally.read_text())
        except (OSError, ValueError):
            return "?"
        return f"{tally['seconds']:.0f} s, {tally['processor_seconds']:.0f} s of CPU"

    def counts(self) -> tuple[int, int]:
        """Passed and failed; a run that broke off before it could count is one failure."""
        try:
            tally = json.loads(self.tally.read_text())
        except (OSError, ValueError):
            return 0, 1
        # 5: nothing to run, as when only `once` tests were asked for.
        broke_off = self.process.returncode not in (0, 1, 5) and not tally["failed"]
        return tally["passed"], tally["failed"] + broke_off


def main(arguments: Sequence[str]) -> int:
    """Run the legs; returns the exit code."""
    names, rest = _which(arguments)
    with ExitStack() as stack:
        parts = PARTS if len(names) > 1 else [(names[0], names[0], "", 0)]
        legs = list[Leg]()
        for part in parts:
            if len(legs) == 2:
                _wait_for_bytecode(legs[0])
            legs.append(_start(*part, rest, stack))
        for leg in legs:
            print(f"\n===== {leg.name} =====", flush=True)
            _follow(leg)
    counts = [leg.counts() for leg in legs]
    print()
    for leg, (passed, failed) in zip(legs, counts, strict=True):
        result = f"{passed} passed, {failed} failed, pytest's exit code {leg.process.returncode}"
        print(f"{leg.name}: {result}, {leg.took}")
    passed, failed = (sum(column) for column in zip(*counts, strict=True))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or not passed else 0


def _wait_for_bytecode(first: Leg) -> None:
    """Wait until a process has imported its tests, and so compiled almost all that the others import.

    In a new clone, each that started at the same time would compile all of Django for itself. The two cores are busy
    meanwhile: the second process has the rules, which import the least.
    """
    while first.process.poll() is None and not first.tally.with_name(COLLECTED).exists():
        time.sleep(0.1)


def _which(arguments: Sequence[str]) -> tuple[Sequence[str], list[str]]:
    rest = list(arguments)
    if rest[:1] != ["--leg"]:
        return LEGS, rest
    if rest[1:2] and rest[1] in LEGS:
        return rest[1:2], rest[2:]
    sys.exit(f"--leg is one of {', '.join(LEGS)}")


def _start(name: str, leg: str, part: str, niceness: int, arguments: Sequence[str], stack: ExitStack) -> Leg:
    home = temporary_home(name)
    environ = clean(os.environ, home) | {LEG: leg, TALLY: str(home / "tally.json")} | ({PART: part} if part else {})
    if leg == "postgres":
        environ |= {
            "DATABASE_URL": stack.enter_context(postgres.running(home)),
            "REDIS_URL": _valkey(home, stack),
            "SECRET_KEY": "the tests' own key, which keeps nothing secret",
        }
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.tally", *arguments]
    command += ["-o", f"cache_dir={ROOT / '.pytest_cache' / name}", f"--output={home / 'artifacts'}"]
    if sys.stdout.isatty():
        command.append("--color=yes")
    output, die_with_parent = home / "output", die_with_us()

    def begin() -> None:
        die_with_parent()
        os.nice(niceness)

    with output.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=file, stderr=subprocess.STDOUT, preexec_fn=begin
        )
    stack.callback(_end, process)
    return Leg(name, process, output, home / "tally.json")


def _valkey(home: Path, stack: ExitStack) -> str:
    port = first_free()
    command = server_command(home / "valkey", "--bind", "127.0.0.1", "--port", str(port))
    stack.callback(_end, subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=die_with_us()))
    return f"redis://127.0.0.1:{port}/0"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()


def _follow(leg: Leg) -> None:
    """Print a leg's output as it comes, until it has ended."""
    with leg.output.open("rb") as file:
        while True:
            ended = leg.process.poll() is not None
            if text := file.read():
                sys.stdout.buffer.write(text)
                sys.stdout.flush()
            elif ended:
                return
            else:
                time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
