"""Saved views, and what each person made of them."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0008_rate_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("query", models.TextField(blank=True)),
                ("columns", models.TextField()),
                ("is_shared", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to="audit.organization",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "audit_saved_view",
            },
        ),
        migrations.CreateModel(
            name="SavedViewMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_starred", models.BooleanField(default=False)),
                ("is_default", models.BooleanField(default=False)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="audit.membership",
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="audit.savedview",
                    ),
                ),
            ],
            options={
                "db_table": "audit_saved_view_mark",
            },
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                models.F("owner"),
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("deleted_at", None)),
                name="saved_view_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedviewmark",
            constraint=models.UniqueConstraint(
                fields=("membership", "view"), name="saved_view_mark_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedviewmark",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)),
                fields=("membership",),
                name="saved_view_default_once",
            ),
        ),
    ]
