"""No caller may keep the others from being served, whichever process it meets."""

from django.db import migrations, models

# Written at every call and worth nothing after a crash: kept out of the write-ahead log, it costs
# no wait for the disk.
UNLOGGED = "ALTER TABLE audit_rate_limit SET UNLOGGED"
LOGGED = "ALTER TABLE audit_rate_limit SET LOGGED"


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_idempotent_calls")]

    operations = [
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "caller",
                        "bucket",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("caller", models.TextField()),
                ("bucket", models.TextField()),
                ("drained_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_rate_limit"},
        ),
        migrations.RunSQL(UNLOGGED, LOGGED),
    ]
