import apis.access.secrets
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        # Its last, so that all of its changes of the user come first: after ours, each would have Django make every
        # model anew that has to do with users, and the first start would take a quarter of a second longer.
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("aws_account_id", models.CharField(blank=True, max_length=12)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("chain", "Default credential chain"),
                            ("profile", "Named profile"),
                            ("role", "Assumed role"),
                        ],
                        default="chain",
                        max_length=10,
                    ),
                ),
                ("profile", models.CharField(blank=True, max_length=100)),
                ("role_arn", models.CharField(blank=True, max_length=200)),
                ("external_id", models.CharField(blank=True, max_length=200)),
                ("regions", models.JSONField(default=list)),
                ("read_only", models.BooleanField(default=False)),
                ("needs_approval", models.BooleanField(default=False)),
                ("refuse_owned", models.BooleanField(default=False)),
                ("endpoint_url", models.CharField(blank=True, max_length=200)),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name")],
            },
        ),
        migrations.CreateModel(
            name="CacheEntry",
            fields=[
                ("cache_key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="CallSlot",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("next_at", models.FloatField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("webhook", "Webhook"), ("email", "E-mail")], max_length=10)),
                ("name", models.CharField(max_length=100, unique=True)),
                ("url", apis.access.secrets.SecretField(blank=True, default="")),
                ("address", models.CharField(blank=True, max_length=320)),
                ("secret", apis.access.secrets.SecretField(blank=True, default="")),
                ("enabled", models.BooleanField(default=True)),
                ("proposals", models.BooleanField(default=False)),
                ("disabled_reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name"), "id"],
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("prefix", models.CharField(max_length=16)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True, db_index=True)),
                ("actor_name", models.CharField(max_length=150)),
                ("action", models.CharField(max_length=60)),
                ("target", models.CharField(blank=True, max_length=200)),
                ("address", models.GenericIPAddressField(blank=True, null=True)),
                ("detail", models.JSONField(default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="BulkJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("done", "Done"),
                        ],
                        default="planned",
                        max_length=7,
                    ),
                ),
                ("operation", models.JSONField()),
                ("title", models.CharField(max_length=300)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("created_by_name", models.CharField(blank=True, max_length=150)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(condition=models.Q(("state", "running")), fields=["state"], name="bulk_running")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=128)),
                ("value", models.CharField(blank=True, max_length=256)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("created_by_name", models.CharField(blank=True, max_length=150)),
            ],
            options={
                "ordering": ["key", "value"],
                "constraints": [models.UniqueConstraint(fields=("key", "value"), name="one_review_rule_per_tag")],
            },
        ),
        migrations.CreateModel(
            name="SyncRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(blank=True, max_length=30)),
                ("started_at", models.DateTimeField(db_index=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="apis.account",
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SyncRegion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=30)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("found", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("drifted", models.PositiveIntegerField(default=0)),
                ("gone", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sync_regions", to="apis.account"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="regions", to="apis.syncrun"
                    ),
                ),
            ],
            options={
                "ordering": ["account__name", "region"],
                "indexes": [models.Index(fields=["account", "region", "-id"], name="sync_region_latest")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "account", "region"), name="one_row_per_synced_region")
                ],
            },
        ),
        migrations.CreateModel(
            name="CorsConfiguration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("cors", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="HttpApi",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=30)),
                ("api_id", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=256)),
                ("description", models.TextField(blank=True)),
                ("endpoint", models.CharField(blank=True, max_length=300)),
                ("disable_execute_api_endpoint", models.BooleanField(default=False)),
                ("managed", models.BooleanField(default=False)),
                ("tags", models.JSONField(default=dict)),
                ("needs_approval", models.BooleanField(default=False)),
                ("created_in_aws_at", models.DateTimeField(blank=True, null=True)),
                ("routes", models.JSONField(blank=True, null=True)),
                ("stages", models.JSONField(blank=True, null=True)),
                ("integrations", models.JSONField(blank=True, null=True)),
                ("authorizers", models.JSONField(blank=True, null=True)),
                ("domains", models.JSONField(default=list)),
                ("details_at", models.DateTimeField(blank=True, null=True)),
                ("details_error", models.TextField(blank=True)),
                ("version", models.PositiveIntegerField(default=0)),
                ("state", models.CharField(default="off", max_length=5)),
                ("errors", models.PositiveSmallIntegerField(default=0)),
                ("warnings", models.PositiveSmallIntegerField(default=0)),
                ("first_seen_at", models.DateTimeField(auto_now_add=True)),
                ("last_seen_at", models.DateTimeField(blank=True, null=True)),
                ("gone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="apis", to="apis.account"
                    ),
                ),
                (
                    "current",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.corsconfiguration",
                    ),
                ),
            ],
            options={
                "ordering": [django.db.models.functions.text.Lower("name"), "id"],
                "indexes": [
                    models.Index(django.db.models.functions.text.Lower("name"), models.F("id"), name="api_by_name"),
                    models.Index(fields=["account", "region"], name="api_by_region"),
                    models.Index(fields=["api_id"], name="api_by_api_id"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "region", "api_id"), name="one_row_per_api")
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("discovered", "Discovered"),
                            ("panel", "Configure panel"),
                            ("rest", "REST API"),
                            ("bulk", "Bulk edit"),
                            ("revert", "Revert"),
                            ("guard", "Guard"),
                            ("drift", "Drift"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("applied", "Applied"), ("failed", "Failed")],
                        default="pending",
                        max_length=7,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("actor_name", models.CharField(blank=True, max_length=150)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("summary", models.CharField(blank=True, max_length=500)),
                ("proposed", models.JSONField(blank=True, null=True)),
                ("guard", models.BooleanField(default=False)),
                ("group", models.UUIDField(blank=True, db_index=True, null=True)),
                ("error", models.TextField(blank=True)),
                ("detail", models.JSONField(blank=True, default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverts",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reverted_by",
                        to="apis.change",
                    ),
                ),
                (
                    "after",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="apis.corsconfiguration",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="apis.corsconfiguration",
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="apis.httpapi"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["api", "-at", "-id"], name="change_by_api"),
                    models.Index(fields=["-at", "-id"], name="change_by_time"),
                    models.Index(condition=models.Q(("kind", "drift")), fields=["api", "after"], name="drift_by_api"),
                    models.Index(fields=["actor_name", "-at", "-id"], name="change_by_actor"),
                    models.Index(fields=["kind", "-at", "-id"], name="change_by_kind"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "pending")), fields=("api",), name="one_pending_change_per_api"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("settled", models.BooleanField(default=False)),
                ("user", models.CharField(blank=True, max_length=500)),
                ("agent", models.CharField(blank=True, max_length=500)),
                ("source_ip", models.CharField(blank=True, max_length=100)),
                ("event_name", models.CharField(blank=True, max_length=60)),
                ("event_id", models.CharField(blank=True, max_length=100)),
                ("event_at", models.DateTimeField(blank=True, null=True)),
                ("why", models.TextField(blank=True)),
                ("looked_at", models.DateTimeField()),
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attribution", to="apis.change"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChangeOrigin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=500)),
                ("added", models.BooleanField()),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="origins", to="apis.change"
                    ),
                ),
            ],
            options={
                "ordering": ["-added", "value"],
                "indexes": [models.Index(fields=["value", "-change"], name="change_origin_by_value")],
                "constraints": [models.UniqueConstraint(fields=("change", "value"), name="one_row_per_changed_origin")],
            },
        ),
        migrations.CreateModel(
            name="Baseline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("by_name", models.CharField(max_length=150)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("ended_by_name", models.CharField(blank=True, max_length=150)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "configuration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="apis.corsconfiguration"
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="baselines", to="apis.httpapi"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("api",), name="one_baseline_per_api"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                ("end_told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "baseline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="departures", to="apis.baseline"
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="apis.change"),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.change",
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="departures", to="apis.httpapi"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(condition=models.Q(("told_at", None)), fields=["id"], name="departure_to_tell"),
                    models.Index(
                        condition=models.Q(("end_told_at", None), ("ended_at__isnull", False)),
                        fields=["id"],
                        name="departure_end_to_tell",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("api",), name="one_departure_per_api"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DriftAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("accepted", "Accepted"), ("ignored", "Ignored until")], max_length=8),
                ),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("by_name", models.CharField(max_length=150)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="apis.change"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Deployment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.CharField(max_length=128)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Being deployed"),
                            ("done", "Deployed"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("asked_by_name", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("deployment_id", models.CharField(blank=True, max_length=64)),
                ("error", models.TextField(blank=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deployments", to="apis.httpapi"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["api", "-at"], name="deployment_by_api")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=("api", "stage"),
                        name="one_open_deployment_per_stage",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("applied", "Applied"),
                            ("skipped", "Skipped"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=500)),
                ("summary", models.CharField(blank=True, max_length=500)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                (
                    "job",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="apis.bulkjob"
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.change",
                    ),
                ),
                (
                    "reverts",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.change",
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="apis.httpapi"),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["job", "state"], name="bulk_item_by_state")],
                "constraints": [models.UniqueConstraint(fields=("job", "api"), name="one_item_per_api_in_job")],
            },
        ),
        migrations.CreateModel(
            name="AllowedOrigin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.CharField(max_length=500)),
                ("since", models.DateTimeField()),
                ("flags", models.CharField(blank=True, max_length=200)),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.change",
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="allowed_origins", to="apis.httpapi"
                    ),
                ),
            ],
            options={
                "ordering": ["value"],
                "indexes": [
                    models.Index(fields=["value", "api"], name="allowed_origin_by_value"),
                    models.Index(fields=["value", "since"], name="allowed_origin_first"),
                ],
                "constraints": [models.UniqueConstraint(fields=("api", "value"), name="one_row_per_allowed_origin")],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for approval"),
                            ("scheduled", "Scheduled"),
                            ("applying", "Being applied"),
                            ("suspended", "Suspended"),
                            ("applied", "Applied"),
                            ("failed", "Failed"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        max_length=9,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("discovered", "Discovered"),
                            ("panel", "Configure panel"),
                            ("rest", "REST API"),
                            ("bulk", "Bulk edit"),
                            ("revert", "Revert"),
                            ("guard", "Guard"),
                            ("drift", "Drift"),
                        ],
                        max_length=10,
                    ),
                ),
                ("proposed", models.JSONField(blank=True, null=True)),
                ("summary", models.CharField(max_length=500)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("guard", models.BooleanField(default=False)),
                ("proposer_name", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("approver_name", models.CharField(blank=True, max_length=150)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                ("try_at", models.DateTimeField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="apis.httpapi"
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="proposals",
                        to="apis.change",
                    ),
                ),
                (
                    "proposer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reverts",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.change",
                    ),
                ),
                (
                    "seen",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="apis.corsconfiguration",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["state", "try_at"], name="proposal_by_due"),
                    models.Index(fields=["-at", "-id"], name="proposal_by_time"),
                    models.Index(fields=["api", "-at"], name="proposal_by_api"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("origin", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for approval"),
                            ("adding", "Being let in"),
                            ("active", "Active"),
                            ("ending", "Being ended"),
                            ("ended", "Ended"),
                            ("void", "Never let in"),
                        ],
                        max_length=7,
                    ),
                ),
                ("lasts", models.PositiveIntegerField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("given_by_name", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("try_at", models.DateTimeField(blank=True, null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
                ("result", models.TextField(blank=True)),
                (
                    "change",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="grants",
                        to="apis.change",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "removal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="ended_grants",
                        to="apis.change",
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="apis.httpapi"
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="grants",
                        to="apis.proposal",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["state", "try_at"], name="grant_by_due"),
                    models.Index(fields=["-at", "-id"], name="grant_by_time"),
                    models.Index(fields=["api", "-at"], name="grant_by_api"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposalEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed this"),
                            ("commented", "commented"),
                            ("approved", "approved this"),
                            ("scheduled", "scheduled this"),
                            ("declined", "declined this"),
                            ("withdrawn", "withdrew this"),
                            ("replanned", "planned this again"),
                            ("suspended", "suspended this"),
                            ("delayed", "could not apply this yet"),
                            ("applied", "applied this"),
                            ("failed", "could not apply this"),
                        ],
                        max_length=9,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_name", models.CharField(max_length=150)),
                ("text", models.TextField(blank=True)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="apis.proposal"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
                "indexes": [models.Index(fields=["at"], name="proposal_event_by_time")],
            },
        ),
        migrations.CreateModel(
            name="ProposalNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notice", to="apis.proposalevent"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("event", models.CharField(max_length=40)),
                ("data", models.JSONField()),
                ("created_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Failed")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("next_attempt_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="apis.channel"
                    ),
                ),
                (
                    "departure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="apis.departure",
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["next_attempt_at"], name="delivery_due"
                    ),
                    models.Index(fields=["channel", "-created_at"], name="delivery_by_channel"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("status", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
                ("took_ms", models.FloatField(default=0)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="attempts", to="apis.delivery"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Probe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("origin", models.CharField(max_length=300)),
                ("method", models.CharField(default="GET", max_length=64)),
                ("base_url", models.CharField(blank=True, max_length=300)),
                ("path", models.CharField(default="/", max_length=1000)),
                ("headers", models.JSONField(default=list)),
                ("credentials", models.BooleanField(default=False)),
                (
                    "expect",
                    models.CharField(
                        choices=[("allowed", "Allowed"), ("blocked", "Blocked")], default="allowed", max_length=7
                    ),
                ),
                ("interval", models.PositiveIntegerField(default=300)),
                ("failures", models.PositiveSmallIntegerField(default=2)),
                ("enabled", models.BooleanField(default=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "Not run yet"),
                            ("up", "Passing"),
                            ("failing", "Failing"),
                            ("down", "Down"),
                            ("flapping", "Flapping"),
                        ],
                        default="new",
                        max_length=8,
                    ),
                ),
                ("state_since", models.DateTimeField(blank=True, null=True)),
                ("failed_in_a_row", models.PositiveIntegerField(default=0)),
                ("passed_in_a_row", models.PositiveIntegerField(default=0)),
                ("due_at", models.BigIntegerField(default=0)),
                ("beats", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="probes", to="apis.httpapi"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("enabled", True)), fields=["due_at"], name="probe_due"),
                    models.Index(fields=["state"], name="probe_by_state"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Result",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("passed", models.BooleanField()),
                ("allowed", models.BooleanField(null=True)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("verdict", models.JSONField(null=True)),
                ("exchange", models.JSONField(null=True)),
                ("timings", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("cause", models.CharField(default="schedule", max_length=40)),
                (
                    "configuration",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.corsconfiguration",
                    ),
                ),
                (
                    "probe",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="results", to="apis.probe"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["probe", "-at", "-id"], name="result_by_probe"),
                    models.Index(fields=["at"], name="result_by_time"),
                    models.Index(
                        condition=models.Q(("cause__startswith", "change:")), fields=["cause"], name="result_by_cause"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Flip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("before", models.CharField(max_length=8)),
                ("after", models.CharField(max_length=8)),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "probe",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flips", to="apis.probe"
                    ),
                ),
                (
                    "result",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="apis.result",
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(condition=models.Q(("handled_at", None)), fields=["id"], name="flip_unhandled"),
                    models.Index(fields=["probe", "-at"], name="flip_by_probe"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(choices=[("open", "Open"), ("closed", "Closed")], default="open", max_length=6),
                ),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("summary", models.CharField(blank=True, max_length=500)),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
                ("acknowledged_note", models.CharField(blank=True, max_length=500)),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "api",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="incidents", to="apis.httpapi"
                    ),
                ),
                (
                    "suspected_change",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="incidents",
                        to="apis.change",
                    ),
                ),
            ],
            options={
                "ordering": ["-opened_at", "-id"],
                "indexes": [models.Index(fields=["state", "-opened_at"], name="incident_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("api",), name="one_open_incident_per_api"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentProbe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("down_at", models.DateTimeField()),
                ("up_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="members", to="apis.incident"
                    ),
                ),
                (
                    "probe",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="apis.probe"),
                ),
            ],
            options={
                "ordering": ["down_at", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("incident", "probe"), name="one_row_per_probe_in_incident")
                ],
            },
        ),
        migrations.AddField(
            model_name="corsconfiguration",
            name="api",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="configurations", to="apis.httpapi"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="incident",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="apis.incident",
            ),
        ),
        migrations.AddField(
            model_name="probe",
            name="last_result",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="apis.result",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="probes",
            field=models.ManyToManyField(related_name="incidents", through="apis.IncidentProbe", to="apis.probe"),
        ),
        migrations.AddConstraint(
            model_name="corsconfiguration",
            constraint=models.UniqueConstraint(fields=("api", "number"), name="one_configuration_per_version"),
        ),
    ]
