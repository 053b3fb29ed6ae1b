"""A project finds people by what its directory calls them, whatever their name and address."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Q

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.users.uniqueness import TAKEN_BY_USER
from tests.people import connect, make_user, post

pytestmark = pytest.mark.django_db

ASKED: list[tuple[Any, ProvisioningContext]] = []


class BySocialAccount(DefaultAdapter):
    """Finds people by the ``uid`` of their account at the connection's log-in provider."""

    def find_users(self, fields: dict[str, Any], *, resource: Any = None) -> Any:
        ASKED.append((resource, self.context))
        found = super().find_users(fields)
        subject = (resource or {}).get("externalId")
        if subject is None:
            return found
        at_provider = Q(
            socialaccount__provider=self.context.connection.provider_id, socialaccount__uid=subject
        )
        return found | get_user_model()._default_manager.filter(at_provider)


class ByColumn(DefaultAdapter):
    """Keeps the directory's subject in a column of the user, and writes it like a name."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        return {**super().user_fields(resource), "last_name": resource.get("externalId", "")}

    def find_users(self, fields: dict[str, Any], *, resource: Any = None) -> Any:
        by_name = super().find_users(fields)
        own: Any = get_user_model()._default_manager
        subject = fields.get("last_name")
        return by_name | own.filter(last_name=subject) if subject else by_name


def link(user: Any, resource: Any, connection: Any) -> bool:
    return bool(resource["externalId"] == "s1" and connection.provider_id == "acme" and user.pk)


def names_less(*, user: Any, resource: Any) -> bool:
    return bool(user.username == "ann" and resource["externalId"] == "s1")


def with_social_account(name: str, uid: str = "s1", **fields: Any) -> Any:
    from allauth.socialaccount.models import SocialAccount

    user = make_user(name, **fields)
    SocialAccount.objects.create(user=user, provider="acme", uid=uid)
    SocialAccount.objects.create(user=user, provider="github", uid=f"other {uid}")
    return user


@pytest.mark.parametrize("adapter", ["BySocialAccount", "ByColumn"])
@pytest.mark.parametrize("policy", [True, "link", "names_less"])
def test_directory_subject_links_under_another_name_and_address(
    scim_settings: Any, adapter: str, policy: Any
) -> None:
    chosen = policy if policy is True else {"should_link_user": f"{__name__}.{policy}"}
    scim_settings(LINK_EXISTING_USERS=chosen, ADAPTER=f"{__name__}.{adapter}")
    user = with_social_account("ann", email="ann@home.example", last_name="s1")

    answer = post(connect(), "a.alpha@corp.example", externalId="s1")

    assert answer.status == 201, answer.text
    account = LinkedAccount.objects.get()
    assert (account.user, account.created_user, account.manages_profile) == (user, False, False)
    user.refresh_from_db()
    assert (user.username, user.email) == ("ann", "ann@home.example")


def test_adapter_is_asked_for_every_create_with_the_resource_and_the_connection(
    scim_settings: Any,
) -> None:
    scim_settings(ADAPTER=f"{__name__}.BySocialAccount")
    client = connect()
    ASKED.clear()

    post(client, "nobody@x.example", externalId="s2")

    resource, context = ASKED[0]
    assert resource["externalId"] == "s2"
    assert context.connection == ProviderConnection.objects.get()
    assert context.connection.provider_id == "acme"


@pytest.mark.parametrize(
    ("policy", "fields"),
    [
        (False, {}),
        (True, {"is_staff": True}),
        (True, {"is_superuser": True}),
        (True, {"is_active": False}),
        ({"trusted_domains": ["other.example"]}, {}),
    ],
)
def test_directory_subject_that_is_not_linked_is_taken(
    scim_settings: Any, policy: Any, fields: Any
) -> None:
    scim_settings(LINK_EXISTING_USERS=policy, ADAPTER=f"{__name__}.BySocialAccount")
    with_social_account("ann", email="ann@home.example", **fields)

    answer = post(connect(), "a.alpha@corp.example", externalId="s1")

    assert (answer.status, answer.json["detail"]) == (409, TAKEN_BY_USER)
    assert get_user_model()._default_manager.count() == 1


def test_subject_of_one_and_name_of_another_link_nobody(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True, ADAPTER=f"{__name__}.BySocialAccount")
    with_social_account("ann", email="ann@home.example")
    make_user("bob@corp.example")

    assert post(connect(), "bob@corp.example", externalId="s1").status == 409
    assert not LinkedAccount.objects.exists()


def test_user_with_two_social_accounts_is_one_person(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True, ADAPTER=f"{__name__}.BySocialAccount")
    user = with_social_account("ann@corp.example")

    assert post(connect(), "ann@corp.example", externalId="s1").status == 201
    assert LinkedAccount.objects.get().user == user


def test_directory_subject_links_somebody_with_a_password_in_a_trusted_domain(
    scim_settings: Any,
) -> None:
    policy = {"trusted_domains": ["home.example"]}
    scim_settings(LINK_EXISTING_USERS=policy, ADAPTER=f"{__name__}.BySocialAccount")
    with_social_account("ann", email="ann@home.example")

    assert post(connect(), "a.alpha@corp.example", externalId="s1").status == 201
