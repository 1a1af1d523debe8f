"""The Celery application: `celery -A corsdash worker` and `celery -A corsdash beat`."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready

from corsdash.memory import spare_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corsdash.settings")

app = Celery("corsdash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "apis.inventory",
        "apis.probing",
        "apis.editing",
        *(f"apis.editing.{room}" for room in ("apply", "grants", "review", "bulk")),
        "apis.alerting",
    ],
)


@worker_init.connect
def raise_limits(**_: Any) -> None:
    """Let a worker open as many files as the system allows: each probe under way takes one."""
    from apis.outbound import raise_limit

    raise_limit()


@worker_ready.connect
def spare_modules(**_: Any) -> None:
    """Going through what was loaded took a tenth of each probe."""
    spare_loaded()
