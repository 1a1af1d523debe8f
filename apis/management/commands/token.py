"""`manage.py token`: a new API token for a person."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apis.access import tokens


class Command(BaseCommand):
    """Make an API token and print it, once."""

    requires_system_checks = ()  # They import every page; a token needs none.
    help = "Print a new API token for a user. It is shown only once; corsdash stores its hash."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options of the contract."""
        parser.add_argument("user", metavar="USER", help="the user's name")
        parser.add_argument("--name", metavar="N", default="command line", help="what the token is for")
        parser.add_argument("--days", metavar="D", type=int, help="after how many days it expires (default: never)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            names = ", ".join(User.objects.filter(is_active=True).values_list("username", flat=True)[:20])
            raise CommandError(f"there is no user {options['user']!r}; users: {names or 'none'}")
        days = options["days"]
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days must be from 1 to 3650")
        _, plain = tokens.create(user, options["name"], days)
        self.stdout.write(plain)
