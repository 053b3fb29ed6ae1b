"""What packages that are not installed any more have left in the database."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.apps.registry import Apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from django_scim_provider.importing.sources.tables import like
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from tests.people import connect, make_user

pytestmark = pytest.mark.django_db(transaction=True)
HERE = __name__
OWN = ("scim_id", "scim_external_id", "scim_username")
SERVER, COLUMNS = "scim_import_django_scim2_server", "scim_import_django_scim2"


def run(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, "acme", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def table(name: str, **fields: Any) -> Any:
    meta = type("Meta", (), {"app_label": "left", "apps": Apps(), "db_table": name})
    return type("Left", (models.Model,), {"__module__": HERE, "Meta": meta, **fields})


@pytest.fixture
def left() -> Iterator[tuple[Any, Any]]:
    """Yield the two tables of django-scim2-server."""

    def text() -> Any:
        return models.CharField(max_length=255)

    people = table(
        "django_scim2_server_scimuser",
        id=models.UUIDField(primary_key=True),
        owner=like(get_user_model()._meta.pk, "user_id"),
        external_id=text(),
        scim_username=text(),
        active=models.BooleanField(),
        created=models.DateTimeField(),
    )
    groups = table(
        "django_scim2_server_scimgroup",
        id=models.UUIDField(primary_key=True),
        owner=like(Group._meta.pk, "group_id"),
        external_id=text(),
        display_name=text(),
        created=models.DateTimeField(),
    )
    with connection.schema_editor() as editor:
        editor.create_model(people)
        editor.create_model(groups)
    yield people, groups
    with connection.schema_editor() as editor:
        editor.delete_model(people)
        editor.delete_model(groups)


@contextmanager
def columns(model: type[models.Model], *names: str) -> Iterator[None]:
    """Put what the mixins of django-scim2 had put there into the table of a model."""
    fields = []
    for name in names:
        field: Any = models.CharField(max_length=254, null=True)
        field.set_attributes_from_name(name)
        field.model = model
        fields.append(field)
    with connection.schema_editor() as editor:
        for field in fields:
            editor.add_field(model, field)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for field in fields:
                editor.remove_field(model, field)


def note(model: type[models.Model], key: Any, **values: str) -> None:
    """Write into columns that the model does not know."""
    quote = connection.ops.quote_name
    assigned = ", ".join(f"{quote(name)} = %s" for name in values)
    pk: Any = model._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {quote(model._meta.db_table)} SET {assigned} WHERE {quote(pk.column)} = %s",
            [*values.values(), pk.get_db_prep_value(key, connection)],
        )


def stored() -> dict[str, str]:
    rows = LinkedAccount.objects.select_related("user")
    return {account.scim_id: account.user.get_username() for account in rows}


def anns() -> Any:
    return get_user_model()._default_manager.filter(username__startswith="ann")


def no_queryset() -> None:
    """Return nothing."""


def test_tables_of_django_scim2_server(left: tuple[Any, Any]) -> None:
    connect()
    people, groups = left
    ann, bob = make_user("ann"), make_user("bob", is_active=False)
    team = Group.objects.create(name="Team")
    team.user_set.add(ann, bob)
    made = timezone.now()
    for user in (ann, bob):
        name = user.get_username()
        people._default_manager.create(
            id=uuid4(),
            owner=user.pk,
            external_id=f"ext-{name}",
            scim_username=name,
            active=user.is_active,
            created=made,
        )
    group = groups._default_manager.create(
        id=uuid4(), owner=team.pk, external_id="", display_name="The Team", created=made
    )
    groups._default_manager.create(
        id=uuid4(), owner=team.pk + 1, external_id="", display_name="Gone", created=made
    )

    told = run(SERVER, "--queryset", f"{HERE}.anns", "--no-groups")
    again = run(SERVER, "--keep-django-groups")

    assert "users: 1 imported, 0 there already, 0 skipped." in told
    assert "groups" not in told
    assert "users: 1 imported, 1 there already, 0 skipped." in again
    assert "groups: 1 imported, 0 there already, 0 skipped." in again
    ids = {str(row.pk): row.scim_username for row in people._default_manager.all()}
    assert stored() == ids
    assert set(LinkedAccount.objects.values_list("active", "external_id")) == {
        (True, "ext-ann"),
        (False, "ext-bob"),
    }
    found = ProvisionedGroup.objects.get()
    assert (found.scim_id, found.members.count()) == (str(group.pk), 2)


def test_columns_of_django_scim2() -> None:
    connect()
    ann, _bob = make_user("ann"), make_user("bob")
    team = Group.objects.create(name="Team")
    team.user_set.add(ann)
    with columns(get_user_model(), *OWN), columns(Group, *OWN[:2]):
        note(get_user_model(), ann.pk, scim_id="17", scim_external_id="ext", scim_username="ann")
        note(Group, team.pk, scim_id="4")
        told = run(COLUMNS)
        alone = run(COLUMNS, "--no-groups")
        for arguments, says in (
            (("--group-model", "left.Nothing"), "No installed app"),
            (("--members", "nobody"), "no attribute nobody"),
        ):
            with pytest.raises(CommandError, match=says):
                run(COLUMNS, *arguments)

    assert "users: 1 imported, 0 there already, 0 skipped." in told
    assert "groups: 1 imported, 0 there already, 0 skipped." in told
    assert "groups" not in alone
    assert stored() == {"17": "ann"}
    assert LinkedAccount.objects.get().external_id == "ext"
    found = ProvisionedGroup.objects.get()
    assert (found.scim_id, found.display_name, found.members.count()) == ("4", "Team", 1)


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        (SERVER, (), "no table django_scim2_server_scimuser"),
        (COLUMNS, (), "scim_external_id"),
        (SERVER, ("--queryset", f"{HERE}.no_queryset"), "returns no queryset"),
        (SERVER, ("--queryset", "nowhere.at_all"), "nowhere"),
    ],
)
def test_what_cannot_be_read(command: str, arguments: tuple[str, ...], says: str) -> None:
    connect()

    with pytest.raises(CommandError, match=says):
        run(command, *arguments)
