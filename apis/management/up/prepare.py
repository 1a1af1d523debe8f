"""What must be there before the first page: the tables, the first user and the first account.

Each step does nothing when it has been done, and may be done by several machines at once.
"""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from apis import aws
from apis.access import people
from apis.inventory.models import Account
from corsdash.environment import env

_LOCK = zlib.crc32(b"corsdash migrate")


def migrate() -> None:
    """Bring the tables up to date; of several processes that start at once one does it and the others wait."""
    with _alone():
        call_command("migrate", verbosity=0, interactive=False)


def first_user() -> str | None:
    """Make the user `admin` where there is nobody yet; returns the password when one had to be made up."""
    return people.ensure_admin(env.str("CORSDASH_ADMIN_PASSWORD", default="") or None)


def first_account() -> Account | None:
    """Register the AWS credentials that this machine has, where no account is stored yet."""
    if Account.objects.exists() or not aws.has_credentials():
        return None
    found = aws.default_identity()
    account, created = Account.objects.get_or_create(
        name=f"AWS {found.account_id}" if found.account_id else "AWS",
        defaults={"aws_account_id": found.account_id, "regions": [found.region]},
    )
    return account if created else None


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    else:
        with (settings.DATA / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
