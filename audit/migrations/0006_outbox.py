"""An outbox: an event is committed with its change even where the log can't take it yet."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import audit.models.fields


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_api_keys")]

    operations = [
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", audit.models.fields.DocumentField()),
                ("refused", models.TextField(blank=True, default="")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.organization",
                    ),
                ),
            ],
            options={"db_table": "audit_outbox"},
        ),
    ]
