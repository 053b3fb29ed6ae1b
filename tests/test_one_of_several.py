"""Rows that have exactly one of several columns: refused by the models, and by constraints."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from django_scim_provider.models import GroupMember, RoleGrant, RoleMapping
from tests.factories import make_connection
from tests.test_models import account, group, user

pytestmark = pytest.mark.django_db

NO_TARGET: dict[str, Any] = {}
TWO_ROLES = {"organization_role": "admin", "project_role": "auditor"}


@pytest.mark.parametrize("targets", [NO_TARGET, TWO_ROLES], ids=["none", "two"])
@pytest.mark.parametrize("at_once", [False, True], ids=["create", "bulk-create"])
def test_mapping_without_exactly_one_target_is_stored_nowhere(
    targets: dict[str, Any], at_once: bool
) -> None:
    mapping = RoleMapping(provider=make_connection(), value="x", **targets)

    with pytest.raises(ValidationError, match="only one"), transaction.atomic():
        RoleMapping.objects.bulk_create([mapping]) if at_once else mapping.save()

    assert not RoleMapping.objects.exists()


@pytest.mark.parametrize("update_fields", [None, ["organization_role"]], ids=["all", "one"])
def test_mapping_gets_no_second_target_later(update_fields: list[str] | None) -> None:
    staff = Group.objects.create(name="Staff")
    mapping = RoleMapping.objects.create(provider=make_connection(), value="x", django_group=staff)

    mapping.organization_role = "admin"
    with pytest.raises(ValidationError, match="only one"), transaction.atomic():
        mapping.save(update_fields=update_fields)

    mapping.refresh_from_db()
    assert (mapping.organization_role, mapping.target_key) == (None, f"group:{staff.pk}")


@pytest.mark.parametrize("targets", [NO_TARGET, TWO_ROLES], ids=["none", "two"])
def test_grant_without_exactly_one_target_is_stored_nowhere(targets: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="only one"), transaction.atomic():
        RoleGrant.objects.create(provider=make_connection(), user=user(1), **targets)

    assert not RoleGrant.objects.exists()


def test_constraint_keeps_a_mapping_from_a_second_target() -> None:
    mapping = RoleMapping.objects.create(
        provider=make_connection(), value="x", project_role="auditor"
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        RoleMapping.objects.filter(pk=mapping.pk).update(organization_role="admin")


def test_member_is_an_account_or_a_group() -> None:
    connection = make_connection()
    parent, child, person = group(connection), group(connection), account(connection, user(1))

    of_person = GroupMember.objects.create(group=parent, account=person)
    GroupMember.objects.create(group=parent, child=child)

    for wrong in ({}, {"account": person, "child": child}):
        with pytest.raises(ValidationError, match="only one"), transaction.atomic():
            GroupMember.objects.create(group=child, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupMember.objects.filter(pk=of_person.pk).update(child=child)
