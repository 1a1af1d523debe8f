"""`manage.py lint`: its options and exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from apis.management.lint.files import LintedFile, lint_file
from apis.management.lint.reports import REPORTS

CLEAN, FOUND, UNREADABLE = 0, 1, 2
"""The exit codes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options to a parser, Django's or our own."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a template, or - for the standard input")
    parser.add_argument("--format", choices=tuple(REPORTS), default="text", help="what to print (default: text)")
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="an origin that every API must allow; can be repeated",
    )
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning"),
        default="warning",
        help="the lowest severity that exits with 1 (default: warning)",
    )


def exit_code(files: Sequence[LintedFile], worst: str) -> int:
    """Return 0 for clean files, 1 for findings, 2 when a file could not be read."""
    if any(file.error for file in files):
        return UNREADABLE
    return FOUND if any(file.fails(worst) for file in files) else CLEAN


def run(options: argparse.Namespace) -> int:
    """Lint the files, print the report, and return the exit code."""
    files = [lint_file(name, options.origin) for name in options.files]
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    sys.stdout.write(REPORTS[options.format](files))
    sys.stdout.flush()
    return exit_code(files, options.fail_on)


def main(arguments: Sequence[str]) -> int:
    """Run the linter without Django, whose start takes longer than the work."""
    parser = argparse.ArgumentParser(
        prog="manage.py lint",
        description="Check the CORS settings in template files. Exits with 0 when they are clean, 1 when there are "
        "findings, 2 when a file could not be read.",
    )
    add_arguments(parser)
    return run(parser.parse_args(arguments))
