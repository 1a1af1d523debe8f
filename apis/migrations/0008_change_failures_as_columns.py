from typing import Any

from django.db import migrations, models
from django.utils.dateparse import parse_datetime


def copy_details(apps: Any, schema_editor: Any) -> None:
    """Copy the keys of `detail` to the columns; every row keeps its `detail`."""
    changes = apps.get_model("apis", "Change").objects.using(schema_editor.connection.alias)
    changes.filter(status="failed").update(failure="permanent")
    written = []
    for change in changes.exclude(detail={}).only("detail").iterator(500):
        detail = change.detail
        if not isinstance(detail, dict):
            continue
        change.conflict = detail.get("conflict") or None
        if change.conflict:
            change.failure = "conflict"
        elif detail.get("try_again"):
            change.failure = "temporary"
        change.sent_at = parse_datetime(detail.get("sent_at") or "")
        written.append(change)
    changes.bulk_update(written, ["failure", "conflict", "sent_at"], 200)


class Migration(migrations.Migration):
    dependencies = [
        ("apis", "0007_api_missing_since"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[("conflict", "Conflict"), ("temporary", "Temporary"), ("permanent", "Permanent")],
                default="",
                max_length=9,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="change",
            name="conflict",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="change",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="change",
            name="detail",
            field=models.JSONField(blank=True, default=dict, editable=False),
        ),
        migrations.RunPython(copy_details, migrations.RunPython.noop),
    ]
