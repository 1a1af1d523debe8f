"""`python -m apis.demo.history`: play the demo's past day."""

from __future__ import annotations

import os

import django


def main() -> None:
    """Load what it takes, and make it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corsdash.settings")
    django.setup()

    from django.conf import settings
    from django.urls import set_urlconf

    from apis.demo.history.making import make_history

    # Messages link to pages alone; the REST API takes as long to load as half the day to play.
    set_urlconf("corsdash.page_urls")
    # The demo AWS has no limit to share.
    settings.CORSDASH_CALLS_PER_S = 1000
    make_history(settings.CORSDASH_DEMO_ENDPOINT)


if __name__ == "__main__":
    main()
