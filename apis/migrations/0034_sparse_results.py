from typing import Any

from django.db import migrations, models

from apis.migrations import _sparse_results

SPARSE = {
    "result": {
        "not_run": models.CharField(max_length=20, blank=True, default="", null=True),
        "cause": models.CharField(max_length=40, default="schedule", null=True),
        "own_code": models.CharField(max_length=60, blank=True, default="", null=True, db_column="code"),
        "own_timings": models.JSONField(default=dict, null=True, db_column="timings"),
        "own_error": models.TextField(blank=True, default="", null=True, db_column="error"),
    },
    "rollup": {
        name: models.IntegerField(default=0, null=True) for name in ("failed", "not_run", "late", "missed")
    },
}


def relax(apps: Any, schema_editor: Any) -> None:
    """Let new rows leave their defaults out; no row that is there changes."""
    for name, fields in SPARSE.items():
        _sparse_results.set_null(schema_editor, apps.get_model("apis", name), fields, True)
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            _sparse_results.reorder(cursor)
            _sparse_results.fill_indexes(cursor)


def restore(apps: Any, schema_editor: Any) -> None:
    """Write the defaults into the rows again."""
    for name, fields in SPARSE.items():
        _sparse_results.set_null(schema_editor, apps.get_model("apis", name), fields, False)


class Migration(migrations.Migration):
    dependencies = [
        ("apis", "0033_answering_endpoints"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(relax, restore)],
            [
                migrations.AlterField(model, name, field)
                for model, fields in SPARSE.items()
                for name, field in fields.items()
            ],
        ),
    ]
