"""The Celery application: `celery -A corsdash worker` and `celery -A corsdash beat`."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready

from corsdash.memory import spare_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corsdash.settings")

_NEW_OBJECTS = 50_000

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
    """Spare the garbage collector what was loaded: going through it took a tenth of each probe.

    It then looks only after so many more new objects: a batch of probes makes thousands, which all go with the batch.
    """
    spare_loaded()
    gc.set_threshold(_NEW_OBJECTS)
