from typing import Any

import django.db.models.deletion
from django.db import migrations, models

def drop_index(apps: Any, schema_editor: Any) -> None:
    """Drop the indexes of the two foreign keys, without copying the table as SQLite's AlterField does."""
    table = apps.get_model("apis", "Result")._meta.db_table
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_constraints(cursor, table)
    for name, about in found.items():
        if about["index"] and not about["unique"] and about["columns"] in (["probe_id"], ["configuration_id"]):
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def rename(old: str, field: Any) -> list[Any]:
    """Name a field of Result otherwise; its column stays as it is."""
    field.db_column = f"{old}_id" if isinstance(field, models.ForeignKey) else old
    return [
        migrations.AlterField("result", old, field),
        migrations.RenameField("result", old, f"own_{old}"),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("apis", "0012_alert_rules_and_maintenance"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredExchange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BinaryField(max_length=16)),
                ("exchange", models.JSONField(null=True)),
                ("verdict", models.JSONField(null=True)),
                ("error", models.TextField(blank=True)),
                ("used_on", models.DateField()),
                (
                    "configuration",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.corsconfiguration",
                    ),
                ),
                (
                    "probe",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="apis.probe"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("probe", "digest"), name="one_stored_exchange_per_digest")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rollup",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "probe_id", "seconds", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("seconds", models.IntegerField()),
                ("passed", models.IntegerField(default=0)),
                ("failed", models.IntegerField(default=0)),
                ("not_run", models.IntegerField(default=0)),
                ("latency", models.BinaryField(default=b"")),
                (
                    "probe",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rollups",
                        to="apis.probe",
                    ),
                ),
            ],
        ),
        *rename("code", models.CharField(blank=True, max_length=60)),
        *rename("verdict", models.JSONField(null=True)),
        *rename("exchange", models.JSONField(null=True)),
        *rename("timings", models.JSONField(default=dict)),
        *rename("error", models.TextField(blank=True)),
        *rename(
            "configuration",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="apis.corsconfiguration",
            ),
        ),
        migrations.AddField(
            model_name="result",
            name="stored",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="apis.storedexchange",
            ),
        ),
        migrations.AddField(model_name="result", name="varying", field=models.JSONField(null=True)),
        migrations.AddField(model_name="result", name="packed_timings", field=models.BinaryField(null=True)),
        migrations.RemoveIndex(model_name="result", name="result_by_probe"),
        migrations.RemoveIndex(model_name="result", name="result_by_time"),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(drop_index, migrations.RunPython.noop)],
            [
                migrations.AlterField(
                    "result",
                    "probe",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="results",
                        to="apis.probe",
                    ),
                ),
                migrations.AlterField(
                    "result",
                    "own_configuration",
                    models.ForeignKey(
                        blank=True,
                        db_column="configuration_id",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.corsconfiguration",
                    ),
                ),
            ],
        ),
        migrations.AddIndex("result", models.Index(fields=["probe", "at"], name="result_by_probe_and_time")),
        migrations.AddIndex(
            "result",
            models.Index(
                condition=models.Q(("own_configuration", None), _negated=True),
                fields=["own_configuration"],
                name="result_by_configuration",
            ),
        ),
        migrations.AddIndex(
            "flip",
            models.Index(
                condition=models.Q(("last_passed_at", None), _negated=True),
                fields=["last_passed_at"],
                name="flip_by_last_pass",
            ),
        ),
    ]
