from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenancy", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            "organization", "is_open", models.BooleanField(default=True)
        ),
    ]
