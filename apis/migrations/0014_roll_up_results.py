from itertools import groupby
from typing import Any

from django.db import migrations

from apis.probing.history import latency_sketch

SPANS = (300, 3600, 86_400)


def roll_up(apps: Any, schema_editor: Any) -> None:
    """Count the results that are stored already in roll-ups, those of one probe at a time."""
    result, rollup = apps.get_model("apis", "Result"), apps.get_model("apis", "Rollup")
    rows = result.objects.order_by("probe", "at").values_list("probe", "at", "passed", "own_error", "own_timings")
    for probe, mine in groupby(rows.iterator(2000), key=lambda row: row[0]):
        counted: dict[tuple[int, int], list[Any]] = {}
        for _, at, passed, error, timings in mine:
            latency = sum(leg.get("total", 0.0) for leg in timings.values()) if passed is not None and not error else 0
            for seconds in SPANS:
                moment = int(at.timestamp() // 1)
                row = counted.setdefault((seconds, moment - moment % seconds), [0, 0, 0, []])
                row[2 if passed is None else 0 if passed else 1] += 1
                if latency:
                    row[3].append(latency)
        rollup.objects.bulk_create(
            (
                rollup(probe_id=probe, seconds=seconds, at=at, passed=passed, failed=failed, not_run=not_run,
                       latency=latency_sketch.add(b"", latencies))
                for (seconds, at), (passed, failed, not_run, latencies) in counted.items()
            ),
            batch_size=500,
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("apis", "0013_shared_exchanges_and_rollups"),
    ]

    operations = [
        migrations.RunPython(roll_up, migrations.RunPython.noop),
    ]
