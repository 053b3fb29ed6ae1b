"""Several connections for one person, and who may write the name and address."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.forms import PasswordResetForm

from django_scim_provider.models import LinkedAccount
from tests.lifecycle.test_returning import link_again
from tests.people import connect, host_user, make_organization, make_user, post, set_active
from tests.scim_client import CORE, Answer, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db

OLD, NEW = "ann@old.example", "ann@new.example"


def rename(client: SCIMTestClient, user: dict[str, Any], verb: str) -> Answer:
    """Change user name and address by one of the ways that there are."""
    path, mail = f"/Users/{user['id']}", [{"value": NEW, "primary": True}]
    if verb == "PUT":
        body = {"schemas": [CORE], "userName": NEW, "emails": mail}
        return client.request("PUT", path, body)
    if verb == "pathless":
        return client.patch(path, {"op": "replace", "value": {"userName": NEW, "emails": mail}})
    return client.patch(
        path,
        {"op": verb, "path": "userName", "value": NEW},
        {"op": verb, "path": "emails", "value": mail},
    )


def may_reset_password(address: str) -> bool:
    form = PasswordResetForm({"email": address})
    assert form.is_valid()
    return any(True for _ in form.get_users(address))


@pytest.mark.parametrize("verb", ["PUT", "add", "replace", "pathless"])
@pytest.mark.parametrize("kind", ["created", "linked", "two-connections", "two-organizations"])
def test_address_is_written_only_for_users_whom_nobody_else_holds(
    scim_settings: Any, verb: str, kind: str
) -> None:
    scim_settings(LINK_EXISTING_USERS=kind == "linked")
    if kind == "linked":
        make_user(OLD)
    client = connect(organization_id="corp" if kind == "two-organizations" else None)
    created = post(client, OLD, emails=[{"value": OLD, "primary": True}]).json
    user = host_user(created)
    user.set_password("chosen")
    user.save()
    if kind == "two-connections":
        connect("other")
        link_again(created, "other")
    elif kind == "two-organizations":
        Membership.objects.create(organization=make_organization("other"), user=user)

    answer = rename(client, created, verb)

    assert answer.json["userName"] == NEW
    user.refresh_from_db()
    written = kind == "created"
    assert (user.username, user.email) == ((NEW, NEW) if written else (OLD, OLD))
    assert may_reset_password(OLD) is not written
    assert may_reset_password(NEW) is written


def test_changed_address_is_unverified_in_allauth() -> None:
    from allauth.account.models import EmailAddress

    client = connect()
    created = post(client, OLD, emails=[{"value": OLD}]).json
    user = host_user(created)
    at_first = EmailAddress.objects.get(user=user)
    EmailAddress.objects.update(verified=True)

    rename(client, created, "PUT")

    changed = EmailAddress.objects.get(user=user)
    assert (at_first.email, at_first.verified, at_first.primary) == (OLD, False, True)
    assert (changed.email, changed.verified, changed.primary) == (NEW, False, True)


def test_user_is_active_while_any_source_is() -> None:
    client, other = connect(), connect("other")
    created = post(client, OLD).json
    second = {"id": link_again(created, "other").scim_id}

    set_active(client, created, False)
    with_one = host_user(created).is_active
    set_active(other, second, False)
    with_none = host_user(created).is_active
    set_active(client, created, True)

    assert (with_one, with_none, host_user(created).is_active) == (True, False, True)


def test_profile_passes_to_the_next_source_when_its_manager_goes() -> None:
    client, other = connect(), connect("other")
    created = post(client, OLD).json
    second = {"id": link_again(created, "other", created_user=False).scim_id}
    path = f"/Users/{second['id']}"
    given_name = {"op": "replace", "path": "name.givenName", "value": "New"}

    other.patch(path, given_name)
    before = host_user(second).first_name
    client.request("DELETE", f"/Users/{created['id']}")
    other.patch(path, {**given_name, "value": "Newer"})

    assert before == ""
    assert host_user(second).first_name == "Newer"
    account = LinkedAccount.objects.get()
    assert (account.manages_profile, account.created_user) == (True, False)


def test_change_of_another_attribute_does_not_open_what_the_project_closed() -> None:
    client = connect()
    created = post(client, OLD).json
    user = host_user(created)
    user.is_active = False
    user.save()

    client.patch(f"/Users/{created['id']}", {"op": "replace", "path": "title", "value": "T"})

    assert host_user(created).is_active is False


def test_owner_of_the_connection_cannot_be_changed_by_it() -> None:
    client = connect()
    created = post(client, OLD).json
    LinkedAccount.objects.get().provider.__class__.objects.update(owner=host_user(created))

    assert set_active(client, created, False).status == 403
    assert client.request("DELETE", f"/Users/{created['id']}").status == 403
    assert host_user(created).is_active
