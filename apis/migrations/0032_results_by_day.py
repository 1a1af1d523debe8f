from typing import Any

from django.db import migrations, models
from django.utils import timezone

from apis.migrations import _results_by_day


def partition(apps: Any, schema_editor: Any) -> None:
    """Move the results into partitions, in PostgreSQL; about ten seconds for a million."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            _results_by_day.keep_referred(cursor, _results_by_day.partition(cursor, timezone.now()))


def restore(apps: Any, schema_editor: Any) -> None:
    """Move the results back into one table."""
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            _results_by_day.restore(cursor)


class Migration(migrations.Migration):
    dependencies = [
        ("apis", "0031_held_messages"),
    ]

    operations = [
        migrations.AddField("result", "kept", models.BooleanField(null=True)),
        migrations.RunPython(partition, restore),
    ]
