"""A user of a plain project goes by the statement that deletes the account, or stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import (
    GroupMember,
    LinkedAccount,
    ProvisioningEvent,
    RoleMapping,
    Tombstone,
)
from django_scim_provider.organizations import MembershipModelBackend
from django_scim_provider.storage.sql.vendors import vendor_of
from tests.lifecycle.test_host_deletions import (
    delete,
    forget_addresses,
    plain,  # noqa: F401 - a fixture
)
from tests.lifecycle.test_returning import link_again
from tests.people import connect, host_user, post
from tests.test_groups import make_group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain")]

User = get_user_model()


@pytest.mark.django_db(transaction=True)
def test_plain_project_takes_few_statements(scim_settings: Any) -> None:
    scim_settings(REVOKERS=[])
    client = connect()
    created = post(client, "ann@x.example", emails=[{"value": "ann@x.example"}]).json
    make_group(client, "g", created["id"])
    forget_addresses()

    with CaptureQueriesContext(connection) as made:
        assert delete(client, created) == 204

    # The token, BEGIN, the lock, what is of the account and of the user, COMMIT.
    vendor = vendor_of("default")
    most = 5 if vendor.writes_in_with else 13 if vendor.together(["", ""], None) is None else 6
    assert len(made) <= most, [each["sql"] for each in made]


class KnowsAnotherWayIn(DefaultAdapter):
    """Counts whoever has an account as somebody who can log in by it."""

    def has_other_login(self, user: Any) -> bool:
        """Ask the database, as it is once the account is gone."""
        return LinkedAccount.objects.using(self.using).filter(user=user.pk).exists()


@pytest.mark.parametrize(
    ("why", "stays"),
    [
        ("nothing", False),
        ("another account", True),
        ("a password", True),
        ("the setting", True),
        ("not made", True),
        ("roles", False),
        ("an adapter", False),
    ],
)
def test_user_goes_with_the_account_where_nothing_stands_against_it(
    scim_settings: Any, why: str, stays: bool
) -> None:
    client = connect()
    created = post(client, "ann@x.example", emails=[{"value": "ann@x.example"}]).json
    make_group(client, "g", created["id"])
    forget_addresses()
    user = host_user(created)
    if why == "another account":
        connect("other")
        link_again(created, "other")
    elif why == "a password":
        user.set_password("own")
        user.save()
    elif why == "the setting":
        scim_settings(ORGANIZATION_BACKEND=None, DEPROVISION="deactivate")
    elif why == "not made":
        LinkedAccount.objects.update(created_user=False)
    elif why == "roles":
        RoleMapping.objects.create(provider_id="acme", value="g", project_role="r")
    elif why == "an adapter":
        path = "tests.lifecycle.test_users_deleted_at_once.KnowsAnotherWayIn"
        scim_settings(ORGANIZATION_BACKEND=None, ADAPTER=path)

    assert delete(client, created) == 204

    assert User._default_manager.filter(pk=user.pk).exists() is stays
    assert not LinkedAccount.objects.filter(scim_id=created["id"]).exists()
    assert not GroupMember.objects.exists()
    assert Tombstone.objects.exists() is stays
    assert ProvisioningEvent.objects.filter(action="delete", outcome="done").count() == 1


def test_memberships_are_asked_for_once(
    scim_settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    scim_settings(ORGANIZATION_BACKEND="django_scim_provider.organizations.MembershipModelBackend")
    client = connect()
    created = post(client, "ann@x.example").json
    forget_addresses()
    asked: list[Any] = []
    usual = MembershipModelBackend.memberships

    def noted(self: Any, user: Any) -> Any:
        asked.append(user.pk)
        return usual(self, user)

    monkeypatch.setattr(MembershipModelBackend, "memberships", noted)
    key = host_user(created).pk

    assert delete(client, created) == 204

    assert asked == [key]
    assert not User._default_manager.filter(pk=key).exists()
