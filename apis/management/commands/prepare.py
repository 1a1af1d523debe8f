"""`manage.py prepare`: what must be there before the first page, where web, worker and beat run automatically."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apis.management.up import prepare, schema


class Command(BaseCommand):
    """Bring the tables up to date, and make the first user and the first account where there are none."""

    requires_system_checks = ()  # They import every page; tables need none.
    help = "Prepare the database: tables, first user, first account. `up` includes it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        try:
            for line in prepare.everything():
                self.stdout.write(line)
        except schema.IncompatibleData as error:
            raise CommandError(str(error)) from error
