"""How much processor time `manage.py lint` takes to start, and how that compares with Python's own start.

    uv run --group test python -m tests.benchmarks.lint [runs]

Each run is a process of its own on a small file of a format; the figures are medians.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from apis.cors.formats import FORMATS, ExportContext
from apis.cors.policy import CorsPolicy

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
FILES = {"template.yaml": "cloudformation", "cors.json": "json", "main.tf": "terraform", "deploy.sh": "cli"}
POLICY = CorsPolicy(
    allow_origins=("https://app.example.com",), allow_methods=("GET", "PUT"), allow_headers=("content-type",)
)


def processor_seconds(*arguments: str, folder: Path) -> float:
    """Return the user and system time of a Python process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{arguments} exited with {done.returncode}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, form in FILES.items():
            (folder / file).write_text(FORMATS[form].export(POLICY, ExportContext()))
        bare: list[float] = []
        took: dict[str, list[float]] = {file: [] for file in FILES}
        for _ in range(runs):
            bare.append(processor_seconds("-c", "pass", folder=folder))
            for file, times in took.items():
                times.append(processor_seconds(str(MANAGE), "lint", file, folder=folder))
    start = median(bare)
    print(f"{'python -c pass':<20} {start:.3f} s")
    for file, times in took.items():
        print(f"lint {file:<15} {median(times):.3f} s, {median(times) / start:.1f} times Python's own start")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 10)
