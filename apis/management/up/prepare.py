"""What must be there before the first page: the tables, the first user and the first account.

Each step does nothing when it has been done, and may be done by several machines at once.
"""

from __future__ import annotations

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from apis.access import people
from apis.aws import identity
from apis.inventory.models import Account
from apis.management.up import schema
from corsdash.environment import text

_LOCK = zlib.crc32(b"corsdash migrate")


def everything() -> Iterator[str]:
    """Prepare all of it in order; yields what a person must know, a line each."""
    migrate()
    yield from first_user()
    yield from first_account()


def migrate() -> None:
    """Bring the tables up to date; of several processes that start at once one does it and the others wait.

    Raises schema.IncompatibleData, having changed nothing, for data that this version cannot upgrade.
    """
    with _alone():
        schema.bring_up_to_date()


def first_user() -> Iterator[str]:
    """Make the user `admin` where there is no one yet; says the password when one had to be made up."""
    made_up = people.ensure_admin(text("CORSDASH_ADMIN_PASSWORD") or None)
    if made_up:
        yield f"first user: admin, password: {made_up} (shown this once; change it under Settings)"


def first_account() -> Iterator[str]:
    """Register the AWS credentials that this machine has, where no account is stored yet."""
    if Account.objects.exists() or not identity.has_credentials():
        return
    found = identity.default()
    account, made = Account.objects.get_or_create(
        name=f"AWS {found.account_id}".strip(), defaults={"aws_account_id": found.account_id, "regions": [found.region]}
    )
    if made:
        yield f"first account: {account.name} in {found.region}, from the AWS credentials of this machine"


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
