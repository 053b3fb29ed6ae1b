"""Linking the user who is in the way, for an organization: its members alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.connections.linking import LinkRefusal, link_user, may_link
from django_scim_provider.core.schemas import USER
from django_scim_provider.models import LinkedAccount
from tests.factories import make_connection
from tests.people import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "of", "member", "policy", "refusal"),
    [
        pytest.param("admin", "org", True, True, None, id="manager-links-a-member"),
        pytest.param("admin", "org", False, True, LinkRefusal.NO_MEMBER, id="nobody-else"),
        pytest.param("admin", "org", True, False, LinkRefusal.POLICY, id="policy"),
        pytest.param("member", "org", True, True, LinkRefusal.NOT_ENTITLED, id="role"),
        pytest.param("admin", "other", True, True, LinkRefusal.NOT_ENTITLED, id="organization"),
    ],
)
def test_people_of_an_organization_link_its_members_alone(
    scim_settings: Callable[..., None],
    ann: Any,
    role: str,
    of: str,
    member: bool,
    policy: bool,
    refusal: LinkRefusal | None,
) -> None:
    scim_settings(LINK_EXISTING_USERS=policy)
    person = make_user("eve@x.example")
    for name in ("org", "other"):
        people = {person.username: role} if name == of else {}
        make_organization(name, **people, **({ann.username: "member"} if member else {}))
    connection = make_connection(provider_id="okta", organization_id="org")

    assert may_link(person, connection, ann) is refusal
    assert (link_user(person, connection, ann, USER) is None) is (refusal is None)
    assert LinkedAccount.objects.exists() is (refusal is None)


@pytest.mark.parametrize("member", [True, False])
def test_staff_link_members_alone_to_an_organization(
    scim_settings: Callable[..., None], ann: Any, worker: Any, member: bool
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    make_organization("org", **({ann.username: "member"} if member else {}))
    connection = make_connection(provider_id="okta", organization_id="org")

    refusal = may_link(worker, connection, ann)

    assert refusal is (None if member else LinkRefusal.NO_MEMBER)
