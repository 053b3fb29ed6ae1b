"""Whom a POST may link: the policy, against each kind of existing user."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.models import LinkedAccount
from tests.people import connect, host_user, make_organization, make_user, post, set_active
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db

ADDRESS = "ann@corp.example"
ASKED: list[dict[str, Any]] = []


def should_link(**asked: Any) -> bool:
    ASKED.append(asked)
    return str(asked["resource"].get("title")) == "link me"


TRUSTED = {"trusted_domains": ["corp.example"]}
MEMBERS = {"require_existing_org_membership": True}
ASKING = {"should_link_user": "tests.lifecycle.test_linking.should_link"}


@pytest.mark.parametrize(
    ("policy", "kind", "status"),
    [
        (False, "plain", 409),
        ({}, "plain", 409),
        ({"trusted_domains": []}, "plain", 409),
        (True, "plain", 201),
        (TRUSTED, "plain", 409),
        (TRUSTED, "no-password", 201),
        ({**TRUSTED, "trust_unverified": True}, "plain", 201),
        ({"trust_unverified": True}, "plain", 409),
        ({"trusted_domains": {"acme": ["CORP.example"]}}, "no-password", 201),
        ({"trusted_domains": {"other": ["corp.example"]}}, "no-password", 409),
        ({"trusted_domains": ["p.example"]}, "no-password", 409),
        ({"trusted_domains": ["example"]}, "no-password", 409),
        (MEMBERS, "plain", 409),
        (ASKING, "plain", 409),
        (ASKING, "asked", 201),
        ({**TRUSTED, **ASKING}, "plain", 409),
        ({**TRUSTED, **ASKING}, "asked", 201),
        (True, "staff", 409),
        (True, "superuser", 409),
        (True, "inactive", 409),
        (True, "other-letters", 409),
        (True, "two", 409),
        (TRUSTED, "staff", 409),
    ],
)
def test_policy_decides_by_the_kind_of_user(
    scim_settings: Any, policy: Any, kind: str, status: int
) -> None:
    scim_settings(LINK_EXISTING_USERS=policy)
    fields = {
        "staff": {"is_staff": True},
        "superuser": {"is_superuser": True},
        "inactive": {"is_active": False},
    }.get(kind, {})
    name = "änn@corp.example" if kind == "other-letters" else ADDRESS
    existing = make_user(name, first_name="Old", **fields)
    if kind == "two":
        make_user("second", email=ADDRESS)
    elif kind == "no-password":
        existing.set_unusable_password()
        existing.save()
    before = (existing.email, existing.username, existing.password, existing.is_active)

    answer = post(connect(), name, title="link me" if kind == "asked" else "T")

    assert answer.status == status, answer.text
    existing.refresh_from_db()
    assert (existing.email, existing.username, existing.password, existing.is_active) == before
    assert existing.first_name == "Old"
    assert LinkedAccount.objects.filter(user=existing).exists() is (status == 201)


@pytest.mark.parametrize("policy", [True, MEMBERS, {**TRUSTED, **MEMBERS}])
@pytest.mark.parametrize("member", [True, False])
def test_organization_links_its_members_only(scim_settings: Any, policy: Any, member: bool) -> None:
    scim_settings(LINK_EXISTING_USERS=policy)
    make_user(ADDRESS)
    if member:
        make_organization("corp", **{ADDRESS: "admin"})
    client = connect(organization_id="corp")

    answer = post(client, ADDRESS)

    assert answer.status == (201 if member else 409)
    assert Membership.objects.filter(role="member").exists() is False
    assert Membership.objects.count() == int(member)


def test_trusted_domain_makes_an_outsider_a_plain_member(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS={**TRUSTED, "trust_unverified": True})
    user = make_user(ADDRESS)

    answer = post(connect(organization_id="corp"), ADDRESS, roles=[{"value": "owner"}])

    assert answer.status == 201
    assert Membership.objects.get(user=user).role == "member"


def test_function_of_the_project_is_told_who_asks(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=ASKING)
    user = make_user(ADDRESS)
    ASKED.clear()

    post(connect(organization_id="corp"), ADDRESS)

    (asked,) = ASKED
    assert asked["user"] == user
    assert (asked["provider_id"], asked["organization_id"]) == ("acme", "corp")
    assert asked["connection"].organization_id == "corp"
    assert asked["resource"]["userName"] == ADDRESS


def test_user_is_linked_once_by_a_connection(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    make_user(ADDRESS, email="other@corp.example")
    client = connect()
    first = post(client, ADDRESS)

    second = post(client, "other@corp.example")

    assert (first.status, second.status) == (201, 409)


def test_profile_of_a_linked_user_stays_the_projects(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user(ADDRESS, first_name="Old")
    client = connect()
    linked = post(client, ADDRESS).json

    body = {"schemas": linked["schemas"], "userName": "new@evil.example", "active": True}
    answer = client.request("PUT", f"/Users/{linked['id']}", {**body, "name": {"givenName": "New"}})

    user.refresh_from_db()
    assert answer.json["userName"] == "new@evil.example"
    assert (user.username, user.email, user.first_name) == (ADDRESS, ADDRESS, "Old")


def test_linked_user_is_deactivated_and_never_deleted(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user(ADDRESS)
    user.set_unusable_password()
    user.save()
    client = connect()
    linked = post(client, ADDRESS).json

    set_active(client, linked, False)
    deactivated = host_user(linked).is_active
    client.request("DELETE", f"/Users/{linked['id']}")

    user.refresh_from_db()
    assert deactivated is False
    assert user.is_active is False


def test_link_to_an_active_user_that_says_inactive_leaves_the_log_in(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user(ADDRESS)

    answer = post(connect(), ADDRESS, active=False)

    user.refresh_from_db()
    assert answer.json["active"] is False
    assert user.is_active


def test_owner_of_a_connection_is_not_linked_by_it(scim_settings: Any) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    owner = make_user(ADDRESS)

    assert post(connect(owner=owner), ADDRESS).status == 409
