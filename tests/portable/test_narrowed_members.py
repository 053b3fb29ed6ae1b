"""Who is asked for narrows what a backend finds, and never changes who is a member."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.organizations import Members, members
from tests.people import make_organization, make_user
from tests.tenancy import backends
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db
WAYS = [None, "default"]
"""Without and with subqueries."""
FIRST = {"FirstThree": 3, "FirstThreeUsers": 3, "OfLeast": 1, "ByOrganization": 12, "AsTexts": 12}
"""How many of the users each backend takes for members, from the first one on."""
ONE_KEY = ["FilteredUsers", "FilteredKeys", "DefaultDatabase"]


@pytest.fixture
def users(scim_settings: Any) -> list[Any]:
    """Return the keys of twelve members, in the order in which they joined."""
    scim_settings(MEMBERSHIP={"model": "tenancy.Membership", "active": "is_active"})
    organization, found = make_organization("o1"), []
    for number in range(12):
        user = make_user(f"u{number}")
        # ``AsTexts`` reads keys out of this column, numbers with a leading zero.
        role = f"0{user.pk}" if isinstance(user.pk, int) else str(user.pk)
        Membership.objects.create(organization=organization, user=user, role=role)
        found.append(user.pk)
    return found


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list of all rows that are read."""
    rows: list[Any] = []
    key_of = members._key_of

    def noted(row: Any) -> Any:
        rows.append(row)
        return key_of(row)

    monkeypatch.setattr(members, "_key_of", noted)
    return rows


def among(name: str, users: list[Any], at: str | None) -> set[Any]:
    backend = getattr(backends, name)(using="default")
    return Members(backend, "o1", subqueries_in=at).among(users)


@pytest.mark.parametrize("at", WAYS)
@pytest.mark.parametrize("name", FIRST)
def test_nobody_becomes_a_member_by_being_asked_for(
    users: list[Any], name: str, at: str | None
) -> None:
    first = FIRST[name]

    assert among(name, users, at) == set(users[:first])
    assert among(name, users[-5:], at) == set(users[-5:]) & set(users[:first])
    assert among(name, users[2:4], at) == set(users[2:4]) & set(users[:first])


@pytest.mark.parametrize("at", WAYS)
def test_many_values_are_not_joined_with_themselves(
    users: list[Any], read: list[Any], at: str | None
) -> None:
    assert among("ByOrganization", users[:5], at) == set(users[:5])
    assert len(read) == (len(users) if at is None else 5)


@pytest.mark.parametrize("at", WAYS)
@pytest.mark.parametrize("name", ONE_KEY)
def test_those_alone_are_read_who_are_asked_for(
    users: list[Any], read: list[Any], name: str, at: str | None
) -> None:
    assert among(name, users[:5], at) == set(users[:5])
    assert len(read) == 5
