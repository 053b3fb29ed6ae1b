"""What the models and their constraints promise, on every database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, UniqueConstraint, UUIDField
from django.utils import timezone

from django_scim_provider.models import (
    AccountDocument,
    AccountEmail,
    GroupDocument,
    GroupMember,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    RoleGrant,
    RoleMapping,
    SCIMToken,
    UniqueValue,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.tokens.rows import read_token_row
from django_scim_provider.tokens.service import generate_scim_token
from tests.factories import make_connection
from tests.inventory.models import Printer

MODELS = tuple(apps.get_app_config("scim_provider").get_models())
COLUMNS = ("account_id", "scim_id", "user")


def user(number: int) -> Any:
    model = get_user_model()
    return model._default_manager.create(**{model.USERNAME_FIELD: f"user{number}@x.example"})


def account(connection: ProviderConnection, owner: Any, **changes: Any) -> LinkedAccount:
    key = str(LinkedAccount.objects.count())
    fields = {
        "account_id": key,
        "external_id": key,
        "user_name": key,
        "resource": "{}",
        "created_at": timezone.now(),
        "last_modified": timezone.now(),
        **changes,
    }
    return LinkedAccount.objects.create(provider=connection, user=owner, **fields)


def group(connection: ProviderConnection, **changes: Any) -> ProvisionedGroup:
    fields = {
        "display_name": "Staff",
        "display_name_key": "staff",
        "resource": "{}",
        "created_at": timezone.now(),
        "last_modified": timezone.now(),
        **changes,
    }
    return ProvisionedGroup.objects.create(provider=connection, **fields)


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["Ann", "änn", "ann ", "ann\u200b"])
def test_exact_texts_compare_byte_for_byte(other: str) -> None:
    connection = make_connection()

    for number, text in enumerate(("ann", other)):
        account(connection, user(number), external_id=text, account_id=text)

    assert LinkedAccount.objects.filter(external_id="ann").count() == 1
    assert LinkedAccount.objects.filter(external_id=other).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("column", COLUMNS)
def test_account_is_unique_within_its_connection(column: str) -> None:
    connection, other = make_connection(), make_connection(provider_id="other")
    first = account(connection, user(1))
    same = {column: getattr(first, column)}
    owner = same.pop("user", None) or user(2)

    account(other, owner, **same)

    with pytest.raises(IntegrityError), transaction.atomic():
        account(connection, owner if column == "user" else user(3), **same)


@pytest.mark.django_db
def test_account_may_lack_an_external_id() -> None:
    connection = make_connection()

    for number in range(2):
        account(connection, user(number), external_id=None)

    assert LinkedAccount.objects.filter(external_id=None).count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("twin", ["ACME", "ａcme"])  # noqa: RUF001 - fullwidth on purpose
def test_constraint_refuses_ids_that_look_the_same(twin: str) -> None:
    make_connection(provider_id="acme")

    with pytest.raises(IntegrityError), transaction.atomic():
        ProviderConnection.objects.bulk_create([ProviderConnection(provider_id=twin)])
    with pytest.raises(ValidationError, match="taken"):
        ProviderConnection(provider_id=twin).full_clean()


@pytest.mark.django_db
def test_connection_that_is_saved_again_is_no_twin_of_itself() -> None:
    connection = make_connection()
    connection.name = "Acme"

    connection.full_clean()
    connection.save()

    assert str(ProviderConnection.objects.usable().get()) == "Acme"


@pytest.mark.django_db
def test_connection_stays_while_anything_belongs_to_it() -> None:
    first, second = make_connection(provider_id="first"), make_connection(provider_id="second")
    account(first, user(1))
    group(second)

    for connection in (first, second):
        with pytest.raises(ProtectedError):
            connection.delete()


@pytest.mark.django_db
def test_connection_outlives_its_owner() -> None:
    connection = make_connection(owner=user(1))

    get_user_model()._default_manager.all().delete()

    connection.refresh_from_db()
    assert connection.owner_id is None


@pytest.mark.django_db
def test_account_goes_with_its_user() -> None:
    owner = user(1)
    row = account(make_connection(), owner)
    AccountEmail.objects.create(account=row, provider=row.provider, value_key="a@x.example")

    owner.delete()

    assert not LinkedAccount.objects.exists()
    assert not AccountEmail.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["account", "child"])
def test_member_is_in_a_group_once(kind: str) -> None:
    connection = make_connection()
    parent = group(connection)
    member = account(connection, user(1)) if kind == "account" else group(connection)
    first = GroupMember.objects.create(group=parent, **{kind: member})

    with pytest.raises(IntegrityError), transaction.atomic():
        GroupMember.objects.bulk_create([GroupMember(group=parent, **{kind: member})])

    first.refresh_from_db()
    assert first.member_key == member.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("target", "key"),
    [
        ({"organization_role": "admin"}, "organization_role:admin"),
        ({"project_role": "admin"}, "project_role:admin"),
        ({}, "group:{pk}"),
    ],
    ids=["organization-role", "project-role", "group"],
)
def test_target_is_mapped_and_granted_once(target: dict[str, Any], key: str) -> None:
    connection, owner = make_connection(organization_id="corp"), user(1)
    if not target:
        target["django_group"] = Group.objects.create(name="Staff")
        key = key.format(pk=target["django_group"].pk)
    mapping = {"provider": connection, "value": "x", **target}
    grant = {"provider": connection, "user": owner, **target}

    rows = (RoleMapping.objects.create(**mapping), RoleGrant.objects.create(**grant))

    assert {row.target_key for row in rows} == {key}
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleMapping.objects.bulk_create([RoleMapping(**mapping)])
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.bulk_create([RoleGrant(**grant)])
    with pytest.raises(ValidationError, match="already"):
        RoleMapping(**mapping).full_clean()
    rows[0].full_clean()


@pytest.mark.django_db
def test_target_that_changes_changes_its_key() -> None:
    mapping = RoleMapping.objects.create(provider=make_connection(), value="x", project_role="a")

    mapping.project_role = "b"
    mapping.save()

    mapping.refresh_from_db()
    assert mapping.target_key == "project_role:b"


@pytest.mark.parametrize("model", [*MODELS, Printer], ids=lambda model: model.__name__)
def test_every_database_can_hold_the_keys_and_constraints(model: type[Model]) -> None:
    """Some count for nobody, some take two NULLs for the same or drop conditions silently."""
    meta = model._meta
    unique = [each for each in meta.constraints if isinstance(each, UniqueConstraint)]
    named = {name for each in unique for name in each.fields}
    named |= {each.name for each in meta.concrete_fields if each.unique}

    key: Any = meta.pk
    key = key.target_field if key.is_relation else key
    assert isinstance(key, UUIDField)
    assert key.default is uuid7
    assert not [each.name for each in unique if each.condition or each.expressions]
    assert not [name for name in named if getattr(meta.get_field(name), "null", False)]


@pytest.mark.django_db
def test_resource_is_known_by_its_key_unless_it_brought_an_id() -> None:
    connection = make_connection()

    own, brought = group(connection), group(connection, scim_id="7")

    assert (own.scim_id, brought.scim_id) == (str(own.pk), "7")
    brought.save()
    brought.refresh_from_db()
    assert brought.scim_id == "7"


@pytest.mark.django_db
def test_names_tell_rows_apart() -> None:
    connection = make_connection()
    person, staff = account(connection, user(1), user_name="ann"), group(connection)
    token, _ = generate_scim_token("acme")

    assert [str(row) for row in (connection, person, staff)] == ["acme", "ann", "Staff"]
    assert str(token) == f"acme ({token.lookup}…)"
    assert str(staff.pk) in str(GroupMember.objects.create(group=staff, account=person))
    assert UUID(str(AccountEmail.objects.create(account=person, provider=connection))).version == 7
    copied: Any = {"provider": connection, "last_modified": timezone.now(), "folded": "{}"}
    for document in (
        AccountDocument.objects.create(account=person, **copied),
        GroupDocument.objects.create(group=staff, **copied),
    ):
        assert str(document) == str(document.pk)
    value = UniqueValue(provider=connection, holder=person.pk, digest="d", resource_type="User")
    assert UUID(str(value)).version == 7


@pytest.mark.django_db
def test_token_row_is_read_as_the_orm_reads_it() -> None:
    organization: dict[str, Any] = {"organization_id": "org", "profile": "okta", "enabled": False}
    connection = make_connection(decommissioned_at=timezone.now(), **organization)
    now = timezone.now()
    moments = {"expires_at": now, "revoked_at": now, "last_used_at": now}
    token = SCIMToken.objects.create(
        provider=connection, lookup="abcdefgh", secret="s", scopes=["a", "b"], **moments
    )
    token.refresh_from_db()
    connection.refresh_from_db()

    row = read_token_row("abcdefgh", using="default")

    assert row is not None
    for name in ("id", "secret", "scopes", *moments, "provider_id"):
        assert getattr(row, name) == getattr(token, name), name
    for name in ("decommissioned_at", *organization):
        assert getattr(row, name) == getattr(connection, name), name
    assert read_token_row("ABCDEFGH", using="default") is None
