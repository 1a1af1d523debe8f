"""Name tables and columns by the field's words: baseline violations, verifications, who granted, who was notified."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Every row is kept."""

    dependencies = [
        ("apis", "0026_counters_and_late_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("Proving", "Verification"),
        migrations.RenameIndex("verification", "verification_pending", old_name="proving_owed"),
        migrations.AlterField(
            "verification",
            "change",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="verification", to="apis.change"
            ),
        ),
        migrations.RenameField("grant", "given_by", "granted_by"),
        migrations.RenameField("grant", "given_by_name", "granted_by_name"),
        migrations.RemoveConstraint("departure", "one_departure_per_api"),
        migrations.RemoveIndex("departure", "departure_to_tell"),
        migrations.RemoveIndex("departure", "departure_end_to_tell"),
        migrations.RenameModel("Departure", "BaselineViolation"),
        migrations.RenameField("baselineviolation", "told_at", "notified_at"),
        migrations.RenameField("baselineviolation", "end_told_at", "end_notified_at"),
        migrations.AddConstraint(
            "baselineviolation",
            models.UniqueConstraint(fields=["api"], condition=Q(ended_at=None), name="one_violation_per_api"),
        ),
        migrations.AddIndex(
            "baselineviolation",
            models.Index(fields=["id"], condition=Q(notified_at=None), name="violation_to_notify"),
        ),
        migrations.AddIndex(
            "baselineviolation",
            models.Index(
                fields=["id"],
                condition=Q(end_notified_at=None, ended_at__isnull=False),
                name="violation_end_to_notify",
            ),
        ),
        *(
            migrations.AlterField(
                "baselineviolation",
                name,
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="baseline_violations", to=f"apis.{to}"
                ),
            )
            for name, to in (("api", "httpapi"), ("baseline", "baseline"))
        ),
        migrations.RenameField("delivery", "departure", "violation"),
    ]
