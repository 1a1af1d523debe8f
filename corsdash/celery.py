"""The Celery application: `celery -A corsdash worker` and `celery -A corsdash beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corsdash.settings")

app = Celery("corsdash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    ["apis.inventory", "apis.probing", "apis.editing", "apis.alerting"],
)
