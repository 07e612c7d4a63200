"""Exports on their way to somebody can be followed and cancelled."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("audit", "0010_redaction_rules")]

    operations = [
        migrations.CreateModel(
            name="Download",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ticket", models.UUIDField()),
                ("event_id", models.UUIDField()),
                ("events", models.BigIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                ("reported_at", models.DateTimeField(db_default=Now())),
                ("is_cancelled", models.BooleanField(default=False)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="audit.membership",
                    ),
                ),
            ],
            options={
                "db_table": "audit_download",
                "constraints": [
                    models.UniqueConstraint(fields=("membership", "ticket"), name="download_once")
                ],
            },
        ),
    ]
