"""Counters that many processes add to."""

from __future__ import annotations

from django.db import models


class Counter(models.Model):
    """A number that only grows, by the name of a metric and its label: "aws_calls_total|sts"."""

    key = models.CharField(max_length=120, primary_key=True)
    value = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"{self.key} {self.value:g}"
