"""Rows of the project and of packages that somebody else stores at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from organizations.models import Organization as PackagedOrganization
from organizations.models import OrganizationUser
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

from django_scim_provider.organizations import DjangoOrganizationsBackend, MembershipModelBackend
from django_scim_provider.revokers import revoke_simplejwt
from django_scim_provider.user_model.insertions import create_unless_there
from tests.people import make_user
from tests.tenancy.models import Membership, Organization

pytestmark = pytest.mark.django_db


@contextmanager
def overtaken(model: type[Model], store: Callable[[], object]) -> Iterator[None]:
    """Let somebody store a row just before the app's first INSERT into its table begins."""
    table = model._meta.db_table
    done: list[str] = []

    def first(execute: Any, sql: str, *args: Any) -> Any:
        begins = sql.startswith("SAVEPOINT") or (sql.startswith("INSERT") and table in sql)
        if begins and not done:
            done.append(sql)
            store()
        return execute(sql, *args)

    with connection.execute_wrapper(first):
        yield
    assert done


@pytest.mark.parametrize("ignores", [True, False], ids=["ignored", "SQL-Server"])
def test_token_that_was_blacklisted_meanwhile_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, ignores: bool
) -> None:
    if not ignores:
        monkeypatch.setattr(connection.features, "supports_ignore_conflicts", False)
    user = make_user("ann")
    for _ in range(3):
        RefreshToken.for_user(user)
    first = OutstandingToken.objects.earliest("pk")

    with overtaken(BlacklistedToken, lambda: BlacklistedToken.objects.create(token=first)):
        revoke_simplejwt(user=user, using="default")

    assert BlacklistedToken.objects.count() == 3


def test_membership_that_was_made_meanwhile_is_taken() -> None:
    organization, user = Organization.objects.create(id="o1"), make_user("ann")
    backend = MembershipModelBackend(using="default")

    def store() -> None:
        Membership.objects.create(organization=organization, user=user, role="owner")

    with overtaken(Membership, store):
        backend.add_member("o1", user, active=True)

    assert Membership.objects.get().role == "owner"


def test_organization_user_that_was_made_meanwhile_is_taken() -> None:
    organization = PackagedOrganization.objects.create(name="Acme", slug="acme")
    user = make_user("ann")
    backend = DjangoOrganizationsBackend(using="default")

    def store() -> None:
        OrganizationUser.objects.create(organization=organization, user=user, is_admin=True)

    with overtaken(OrganizationUser, store):
        backend.add_member(str(organization.pk), user, active=True)

    assert OrganizationUser.objects.get().is_admin


def test_without_savepoints_nobody_goes_on_after_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("ann")
    users = get_user_model()._default_manager.using("default")
    name = {type(user).USERNAME_FIELD: user.get_username()}
    monkeypatch.setattr(connection.features, "uses_savepoints", False)

    with pytest.raises(IntegrityError), transaction.atomic():
        create_unless_there(users, name, lambda: True)
