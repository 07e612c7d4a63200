"""A call repeated with its key is answered as before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_outbox")]

    operations = [
        migrations.CreateModel(
            name="IdempotentCall",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "caller",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("caller", models.TextField()),
                ("key", models.TextField()),
                ("fingerprint", models.BinaryField(max_length=32)),
                ("status", models.SmallIntegerField()),
                ("answer", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={"db_table": "audit_idempotent_call"},
        ),
    ]
