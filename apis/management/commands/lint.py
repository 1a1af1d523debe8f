"""`manage.py lint`: the rules over template files, for pipelines."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apis.management.lint import command


class Command(BaseCommand):
    """Lists the command in `manage.py help`; `manage.py lint` itself runs without Django."""

    help = "Check the CORS settings in template files: exits with 0 (clean), 1 (findings) or 2 (unreadable)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the linter's options."""
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Lint, and exit as `manage.py lint` does."""
        raise SystemExit(command.run(argparse.Namespace(**options)))
