from typing import Any

from django.db import migrations, models
from django.utils import timezone

from apis.probing.runs import table_layout


def partition(apps: Any, schema_editor: Any) -> None:
    """Move the results into partitions, in PostgreSQL; about ten seconds for a million."""
    if schema_editor.connection.vendor == "postgresql":
        table_layout.partition_table(timezone.now())


def restore(apps: Any, schema_editor: Any) -> None:
    """Move the results back into one table."""
    if schema_editor.connection.vendor == "postgresql":
        table_layout.restore_table()


class Migration(migrations.Migration):
    dependencies = [
        ("apis", "0031_held_messages"),
    ]

    operations = [
        migrations.AddField("result", "kept", models.BooleanField(null=True)),
        migrations.RunPython(partition, restore),
    ]
