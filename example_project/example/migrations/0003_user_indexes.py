from django.core.management import call_command
from django.db import migrations


def make(apps: object, schema_editor: object) -> None:
    call_command("scim_index_users", verbosity=0)


def undo(apps: object, schema_editor: object) -> None:
    call_command("scim_index_users", "--undo", verbosity=0)


class Migration(migrations.Migration):
    # On PostgreSQL an index is made beside writers, which a transaction cannot do.
    atomic = False
    dependencies = [("example", "0002_device")]
    operations = [migrations.RunPython(make, undo)]
