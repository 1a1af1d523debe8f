"""`python -m apis.management.up.sync`: have the workers sync all accounts."""

from __future__ import annotations

import sys

import django
from kombu.exceptions import OperationalError


def main() -> None:
    """Publish the scheduled sync now."""
    django.setup()

    from apis.inventory.tasks import sync

    try:
        sync.delay()
    except OperationalError as error:
        sys.exit(f"the broker cannot be reached: {error}")


if __name__ == "__main__":
    main()
