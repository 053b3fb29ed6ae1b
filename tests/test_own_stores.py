"""A project puts stores of its own in place of those of users and groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured

from django_scim_provider.checks import check_settings
from django_scim_provider.core.errors import Forbidden
from django_scim_provider.core.stores import Change, ResourceStore, Stored
from django_scim_provider.models import LinkedAccount
from django_scim_provider.registry import get_registry
from django_scim_provider.resources import GroupStore, UserStore
from django_scim_provider.storage.store_context import StoreContext
from tests.core.in_memory import InMemoryStore
from tests.factories import make_connection
from tests.inventory.scim import PRINTERS
from tests.people import connect, post
from tests.scim_client import GROUP
from tests.store_contract import StoreContract

pytestmark = pytest.mark.django_db

FULL = "All seats are taken."
NO_STORE = 1


class SeatedUsers(UserStore):
    """Lets each connection have two active users."""

    def create(self, resource: Any, **more: Any) -> tuple[Stored, bool]:
        if resource.get("active", True):
            self.refuse_full()
        return super().create(resource, **more)

    def update(self, id: str, change: Change) -> Stored | None:
        def seated(current: Stored) -> Any:
            resource = change(current)
            if resource.get("active", True) and not current.resource()["active"]:
                self.refuse_full()
            return resource

        return super().update(id, seated)

    def refuse_full(self) -> None:
        if self.accounts.filter(active=True).count() >= 2:
            raise Forbidden(FULL)


class NamedGroups(GroupStore):
    """Takes no member into a group that is closed."""

    def update_members(self, id: str, change: Any, members: Any, **more: Any) -> Stored | None:
        if members is not None and members.added and self.groups.filter(display_name="Closed"):
            raise Forbidden("The group is closed.")
        return super().update_members(id, change, members, **more)


class Remembered(InMemoryStore):
    """Holds the users of each connection in the process."""

    kept: ClassVar[dict[str, Any]] = {}

    def __init__(self, context: StoreContext, resource_type: Any) -> None:
        super().__init__(resource_type)
        self.rows = self.kept.setdefault(context.provider_id, {})


class Empty:
    """Has nothing of what is asked for."""


class Odd(UserStore):
    """Is called otherwise."""

    relation = "members"

    def __init__(self, context: StoreContext) -> None:
        super().__init__(context)

    def get(self, id: str) -> Stored | None:  # type: ignore[override]  # on purpose
        return None


LACKING = replace(PRINTERS, store=Empty)  # type: ignore[arg-type]  # on purpose


@pytest.mark.usefixtures("db")
class TestReplacedUserStore(StoreContract):
    """The store that the registry makes from the settings keeps the contract."""

    @pytest.fixture
    def store(self, scim_settings: Callable[..., None]) -> ResourceStore:
        """Return the store of a connection without users."""
        scim_settings(USER_STORE=f"{__name__}.Unlimited")
        make_connection()
        users = get_registry().by_name("User")
        store = users.store(StoreContext(provider_id="acme"), users.resource_type)
        assert type(store) is Unlimited
        return store


class Unlimited(SeatedUsers):
    """Has all methods of a subclass, and refuses nobody."""

    def refuse_full(self) -> None:
        pass


def test_method_of_a_subclass_is_in_force(scim_settings: Callable[..., None]) -> None:
    scim_settings(USER_STORE=f"{__name__}.SeatedUsers")
    client = connect()
    path = f"/Users/{client.create_user('cy', active=False)['id']}"
    client.create_user("ann")
    client.create_user("bob")
    activate = {"op": "replace", "path": "active", "value": True}

    refused = post(client, "eve")
    answers = [
        refused.status,
        post(client, "eve", active=False).status,
        client.patch(path, activate).status,
        client.patch(path, {"op": "add", "path": "title", "value": "T"}).status,
        client.get(path).status,
    ]

    assert answers == [403, 201, 403, 200, 200]
    assert refused.json["detail"] == FULL
    assert LinkedAccount.objects.count() == 4


def test_method_of_a_subclass_of_groups_is_in_force(scim_settings: Callable[..., None]) -> None:
    scim_settings(GROUP_STORE=f"{__name__}.NamedGroups")
    client = connect()
    ann = client.create_user("ann")["id"]
    made = client.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Closed"})
    add = {"op": "add", "path": "members", "value": [{"value": ann}]}

    answer = client.patch(f"/Groups/{made.json['id']}", add)

    assert (made.status, answer.status) == (201, 403)


def test_users_may_be_kept_anywhere(scim_settings: Callable[..., None]) -> None:
    scim_settings(USER_STORE=f"{__name__}.Remembered")
    client, other = connect(), connect("other")

    ann = client.create_user("ann")
    found = client.find('userName eq "ANN"').json
    answers = [client.get(f"/Users/{ann['id']}"), other.get(f"/Users/{ann['id']}")]

    Remembered.kept.clear()
    assert found["totalResults"] == 1
    assert [answer.status for answer in answers] == [200, 404]
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    ("key", "name", "problems"),
    [
        ("USER_STORE", "SeatedUsers", []),
        ("GROUP_STORE", "NamedGroups", []),
        ("USER_STORE", "Remembered", []),
        ("USER_STORE", "NO_STORE", ["is no class."]),
        ("GROUP_STORE", "Odd", ["a context and a resource type.", "'get' that cannot be called"]),
        ("USER_STORE", "Odd", ["a context", "'get' that cannot be called", "relation 'groups'"]),
        (
            "USER_STORE",
            "Empty",
            [
                "a context",
                *("attribute 'supports_sort'", "attribute 'relation'"),
                "attribute 'patch_returns_resource'",
                *("method 'get'", "method 'query'", "method 'create'"),
                *("method 'update'", "method 'delete'"),
            ],
        ),
    ],
)
def test_check_says_what_a_store_lacks(
    scim_settings: Callable[..., None], key: str, name: str, problems: list[str]
) -> None:
    scim_settings(**{key: f"{__name__}.{name}"})

    messages = check_settings()

    assert [message.id for message in messages] == ["scim_provider.E010"] * len(problems)
    for message, problem in zip(messages, problems, strict=True):
        assert key in message.msg
        assert problem in message.msg


def test_check_says_that_a_store_cannot_be_imported(scim_settings: Callable[..., None]) -> None:
    scim_settings(USER_STORE="tests.nowhere.Store")

    assert [message.id for message in check_settings()] == ["scim_provider.E004"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("USER_STORE", "tests.nowhere.Nobody"),
        ("GROUP_STORE", "tests.nowhere.Nobody"),
        ("RESOURCE_TYPES", ["tests.nowhere.Nobody"]),
        ("EXTENSIONS", {"User": ["tests.nowhere.Nobody"]}),
    ],
)
def test_urls_name_the_setting_that_cannot_be_imported(
    scim_settings: Callable[..., None], key: str, value: Any
) -> None:
    scim_settings(**{key: value})

    with pytest.raises(ImproperlyConfigured, match=f"{key}.*tests.nowhere.Nobody.*imported"):
        get_registry()


def test_check_looks_at_stores_of_own_resource_types(scim_settings: Callable[..., None]) -> None:
    scim_settings(RESOURCE_TYPES=[f"{__name__}.LACKING"])

    messages = check_settings()

    assert {message.id for message in messages} == {"scim_provider.E010"}
    assert "LACKING' has no method 'query'" in str(messages)
