import django.db.models.deletion
from django.db import migrations, models

import django_scim_provider.models.fields
import django_scim_provider.models.keys
import django_scim_provider.models.moments


class Migration(migrations.Migration):
    # The migrations of django_scim_provider need the user model, which the first migration makes.
    dependencies = [
        ("example", "0001_initial"),
        ("scim_provider", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=django_scim_provider.models.keys.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "scim_id",
                    django_scim_provider.models.fields.SCIMIdField(
                        blank=True, editable=False, max_length=255, verbose_name="SCIM id"
                    ),
                ),
                (
                    "external_id",
                    django_scim_provider.models.fields.ExactCharField(
                        blank=True,
                        editable=False,
                        max_length=256,
                        null=True,
                        verbose_name="external id",
                    ),
                ),
                ("resource", models.TextField(editable=False)),
                ("folded", django_scim_provider.models.fields.FoldedField(editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", django_scim_provider.models.moments.MomentField(editable=False, verbose_name="created at")),
                (
                    "last_modified",
                    django_scim_provider.models.moments.MomentField(
                        editable=False, verbose_name="last modified"
                    ),
                ),
                (
                    "serial_number",
                    django_scim_provider.models.fields.ExactCharField(max_length=64),
                ),
                ("name", models.CharField(blank=True, max_length=128)),
                (
                    "name_key",
                    django_scim_provider.models.fields.FoldedKeyField(
                        editable=False, max_length=255, null=True, source="name"
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_column="provider_id",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scim_provider.providerconnection",
                        to_field="provider_id",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [models.Index(fields=["provider", "external_id"], name="example_dev_provide_ea48cc_idx"),
models.Index(fields=["provider", "name_key"], name="example_dev_provide_03c893_idx"),],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "scim_id"), name="example_device_scim_id"
                    ),
                    models.UniqueConstraint(
                        fields=("provider", "serial_number"), name="example_device_serial_number"
                    ),
                ],
            },
        ),
    ]
