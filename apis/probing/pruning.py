"""Delete old results in small slices, so that memory stays flat and no writer waits."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from apis.probing.models import Flip, Probe, Result

KEEP_RESULTS = timedelta(days=14)
FIRST_SLICE, LEAST_SLICE, LARGEST_SLICE = 500, 100, 2000
SLICE_S = 0.04
"""How long one slice may hold the database; the next one is larger or smaller by how long the last one took."""
WORK_S = 120
"""After so long the task ends and another one goes on: people's work comes in between."""

# Results that a flip or a probe's state tells of are history: they stay. Slices follow the index on `at`.
_SLICE = "SELECT at, id FROM {results} WHERE at < %s AND (at, id) > (%s, %s) ORDER BY at, id LIMIT 1 OFFSET %s"
_LAST = "SELECT at, id FROM {results} WHERE at < %s AND (at, id) > (%s, %s) ORDER BY at DESC, id DESC LIMIT 1"
_DELETE = """
    DELETE FROM {results} WHERE at >= %s AND at <= %s AND (at, id) > (%s, %s) AND (at, id) <= (%s, %s)
       AND NOT EXISTS (SELECT 1 FROM {flips} f WHERE f.result_id = {results}.id)
       AND NOT EXISTS (SELECT 1 FROM {probes} p WHERE p.last_result_id = {results}.id)
"""


def prune(now: datetime | None = None, seconds: float = WORK_S) -> bool:
    """Delete results older than KEEP_RESULTS, for so many seconds; return whether some are left."""
    adapt = connection.ops.adapt_datetimefield_value
    cutoff = adapt((now or timezone.now()) - KEEP_RESULTS)
    at, pk = adapt(datetime.min.replace(year=1970, tzinfo=timezone.get_default_timezone())), 0
    end, size = time.monotonic() + seconds, FIRST_SLICE
    while time.monotonic() < end:
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(_sql(_SLICE), [cutoff, at, pk, size - 1])
            upto = cursor.fetchone()
            if upto is None:
                cursor.execute(_sql(_LAST), [cutoff, at, pk])
                upto = cursor.fetchone()
                if upto is None:
                    return False
            cursor.execute(_sql(_DELETE), [at, upto[0], at, pk, *upto])
        at, pk = upto
        took = time.monotonic() - began
        size = min(LARGEST_SLICE, max(LEAST_SLICE, int(size * min(2.0, SLICE_S / max(took, 0.001)))))
        time.sleep(took / 2)  # whoever waits for the database gets it
    return True


def _sql(text: str) -> str:
    tables = (("results", Result), ("flips", Flip), ("probes", Probe))
    return text.format(**{name: model._meta.db_table for name, model in tables})
