"""Whether the demo's past day was played, and who dismissed its suggestions."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class DemoHistory(models.Model):
    """The past day of the demo: at most one row. It is made once and survives restarts."""

    class State(models.TextChoices):
        """How far it got."""

        MAKING = "making", "Being prepared"
        DONE = "done", "Ready"
        FAILED = "failed", "Could not be prepared"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    state = models.CharField(max_length=6, choices=State, default=State.MAKING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    # People who need the suggestions on the overview no longer.
    dismissed_by = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")

    def __str__(self) -> str:
        return self.state
