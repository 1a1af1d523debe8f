"""The shared call budget's table."""

from __future__ import annotations

from django.db import models


class CallSlot(models.Model):
    """When an account's next control-plane call may go out, as agreed by all processes; `key` names the budget."""

    key = models.CharField(max_length=200, primary_key=True)
    next_at = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.key
