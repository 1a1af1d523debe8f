"""Roll-ups of a probe's results."""

from __future__ import annotations

from django.db import models

from apis.jobs.sparse import SparseInteger
from apis.probing.models.probes import Probe


class Rollup(models.Model):
    """What came of a probe's runs in one stretch of time: counts, and a sketch of their latency.

    `at` is the start in seconds since 1970 in UTC, a multiple of `seconds` (300, 3600 or 86,400). The rows are
    written with the results, so that results can be deleted long before them. Those of a day have no `phases`.
    """

    pk = models.CompositePrimaryKey("probe_id", "seconds", "at")
    probe = models.ForeignKey(Probe, models.CASCADE, related_name="rollups", db_index=False)
    at = models.BigIntegerField()
    seconds = models.IntegerField()
    passed = models.IntegerField(default=0)
    failed = SparseInteger(default=0)
    not_run = SparseInteger(default=0)
    # Runs in maintenance windows, whatever came of them; the other columns leave them out. Null: none.
    maintenance = models.IntegerField(null=True)
    # Of the scheduled runs: those that started late, and those before them that did not happen at all.
    late = SparseInteger(default=0)
    missed = SparseInteger(default=0)
    latency = models.BinaryField(default=b"")
    phases = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.probe_id} {self.at} +{self.seconds} s"
