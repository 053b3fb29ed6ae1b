"""Who may change the name and address of a user: the directory, the project, or nobody."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import get_user_model
from django.core.management import call_command
from social_django.models import UserSocialAuth

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.drift.comparing import repair, told
from tests.lifecycle.test_returning import keep, link_again
from tests.lifecycle.test_sources import NEW, OLD, may_reset_password, rename
from tests.people import connect, host_user, make_user, post
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Invoice

pytestmark = pytest.mark.django_db

User = get_user_model()
VERBS = ["PUT", "add", "replace", "pathless"]
ASKED: list[tuple[Any, str, str | None]] = []


class Trusting(DefaultAdapter):
    """Lets one connection name the users that it linked."""

    def may_change_identity(self, user: Any) -> bool:
        ASKED.append((user.pk, self.context.provider_id, self.context.organization_id))
        return bool(self.context.provider_id == "acme")


def mail(address: str) -> list[dict[str, Any]]:
    return [{"value": address, "primary": True}]


def made() -> tuple[SCIMTestClient, dict[str, Any]]:
    client = connect()
    return client, post(client, OLD, emails=mail(OLD)).json


def inherited() -> tuple[SCIMTestClient, dict[str, Any]]:
    """Return a user whom another connection made, that let go of them since."""
    maker, client = connect("maker"), connect()
    theirs = post(maker, OLD, emails=mail(OLD)).json
    account = link_again(theirs, "acme")
    maker.request("DELETE", f"/Users/{theirs['id']}")
    return client, {"id": account.scim_id}


def linked(scim_settings: Any) -> tuple[SCIMTestClient, dict[str, Any]]:
    scim_settings(LINK_EXISTING_USERS=True)
    make_user(OLD)
    client = connect()
    return client, post(client, OLD, emails=mail(OLD)).json


def adopted() -> tuple[SCIMTestClient, dict[str, Any]]:
    make_user(OLD)
    client = connect()
    options: dict[str, Any] = {
        "email_domain": "old.example",
        "trust_unverified": True,
        "manage_profile": True,
    }
    call_command("scim_link_users", "acme", commit=True, verbosity=0, **options)
    return client, {"id": LinkedAccount.objects.get().scim_id}


def give_login(user: Any, login: str) -> None:
    """Give a user a way to log in that is not provisioning's."""
    if login == "password":
        user.set_password("their own")
        user.save()
    elif login == "allauth":
        SocialAccount.objects.create(user=user, provider="google", uid="1")
    elif login == "social-auth":
        UserSocialAuth.objects.create(user=user, provider="google-oauth2", uid="1")


def names(resource: dict[str, Any]) -> tuple[str, str]:
    user = host_user(resource)
    return user.username, user.email


def events(action: str) -> list[ProvisioningEvent]:
    return list(ProvisioningEvent.objects.filter(action=action))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("login", ["none", "password", "allauth", "social-auth"])
def test_user_whom_the_connection_made_follows_the_directory(verb: str, login: str) -> None:
    client, user = made()
    give_login(host_user(user), login)

    answer = rename(client, user, verb)

    assert (answer.status, answer.json["userName"]) == (200, NEW)
    assert names(user) == (NEW, NEW)
    assert [event.resource_id for event in events("change_email")] == [user["id"]]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("login", ["password", "allauth", "social-auth"])
def test_user_of_a_connection_that_is_gone_keeps_names_with_another_way_in(
    verb: str, login: str
) -> None:
    client, user = inherited()
    give_login(host_user(user), login)

    answer = rename(client, user, verb)

    assert (answer.status, answer.json["userName"]) == (200, NEW)
    assert NEW in [email["value"] for email in answer.json["emails"]]
    assert names(user) == (OLD, OLD)
    assert not may_reset_password(NEW)
    assert events("change_email") == []


def test_user_of_a_connection_that_is_gone_follows_the_next_without_another_way_in() -> None:
    client, user = inherited()

    rename(client, user, "PUT")

    assert names(user) == (NEW, NEW)


def test_user_who_was_linked_after_the_maker_let_go_is_the_projects(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    maker = connect("maker")
    theirs = post(maker, OLD, emails=mail(OLD)).json
    keep(theirs)
    maker.request("DELETE", f"/Users/{theirs['id']}")
    User._default_manager.update(is_active=True)
    EmailAddress.objects.update(verified=True)
    client = connect()
    user = post(client, OLD, emails=mail(OLD)).json
    LinkedAccount.objects.update(manages_profile=True)
    Invoice.objects.all().delete()

    rename(client, user, "PUT")
    held = names(user)
    client.request("DELETE", f"/Users/{user['id']}")

    assert held == (OLD, OLD)
    assert User._default_manager.get().is_active is False


def test_user_follows_the_maker_again_when_another_connection_lets_go() -> None:
    client, user = made()
    other = connect("other")
    second = link_again(user, "other")
    give_login(host_user(user), "password")
    rename(client, user, "PUT")
    held = names(user)

    other.request("DELETE", f"/Users/{second.scim_id}")
    client.patch(f"/Users/{user['id']}", {"op": "replace", "path": "title", "value": "T"})

    assert held == (OLD, OLD)
    assert names(user) == (NEW, NEW)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["linked", "adopted"])
def test_user_whom_the_connection_linked_keeps_names(
    scim_settings: Any, kind: str, verb: str
) -> None:
    client, user = linked(scim_settings) if kind == "linked" else adopted()

    answer = rename(client, user, verb)

    assert (answer.status, answer.json["userName"]) == (200, NEW)
    assert names(user) == (OLD, OLD)
    assert may_reset_password(OLD)
    assert not may_reset_password(NEW)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["linked", "adopted", "inherited"])
def test_project_may_let_a_connection_name_whom_it_linked(
    scim_settings: Any, kind: str, verb: str
) -> None:
    scim_settings(ADAPTER="tests.lifecycle.test_naming.Trusting")
    ASKED.clear()
    kinds = {"linked": lambda: linked(scim_settings), "adopted": adopted, "inherited": inherited}
    client, user = kinds[kind]()
    give_login(host_user(user), "password")

    rename(client, user, verb)

    assert names(user) == (NEW, NEW)
    assert set(ASKED) == {(host_user(user).pk, "acme", None)}
    assert len(events("change_email")) == 1


def test_project_cannot_let_a_connection_name_whom_others_hold(scim_settings: Any) -> None:
    scim_settings(ADAPTER="tests.lifecycle.test_naming.Trusting")
    client, user = linked(scim_settings)
    connect("other")
    link_again(user, "other")

    rename(client, user, "PUT")

    assert names(user) == (OLD, OLD)


@pytest.mark.parametrize("kind", ["linked", "adopted", "inherited"])
def test_names_that_a_user_keeps_are_no_drift(scim_settings: Any, kind: str) -> None:
    kinds = {"linked": lambda: linked(scim_settings), "adopted": adopted, "inherited": inherited}
    client, user = kinds[kind]()
    give_login(host_user(user), "password")
    rename(client, user, "PUT")

    found = told()
    repair()

    assert found == []
    assert names(user) == (OLD, OLD)


@pytest.mark.parametrize("kind", ["two-connections", "inherited"])
def test_password_goes_the_way_of_names(scim_settings: Any, kind: str) -> None:
    scim_settings(ALLOW_PASSWORD=True)
    client, user = made() if kind == "two-connections" else inherited()
    give_login(host_user(user), "password")
    if kind == "two-connections":
        connect("other")
        link_again(user, "other")
    operation = {"op": "replace", "value": {"password": "the directory's", "title": "T"}}

    answer = client.patch(f"/Users/{user['id']}", operation)

    assert answer.status == 200
    assert host_user(user).check_password("their own")


def test_directory_may_set_the_password_of_a_user_whom_it_made(scim_settings: Any) -> None:
    scim_settings(ALLOW_PASSWORD=True)
    client, user = made()
    operation = {"op": "replace", "value": {"password": "the directory's", "title": "T"}}

    client.patch(f"/Users/{user['id']}", operation)

    assert host_user(user).check_password("the directory's")
