"""An adapter may tell the users that go by a name in any form: whoever is found is in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet

from django_scim_provider.adapter import DefaultAdapter
from tests.people import connect, make_user, post

pytestmark = pytest.mark.django_db


class Finding(DefaultAdapter):
    """What the others begin with."""

    def users(self, fields: dict[str, Any]) -> QuerySet[Any]:
        users = get_user_model()._default_manager.using(self.using)
        name = fields.get("username", "")
        return users.filter(username__iexact=name).order_by("pk")


class Listed(Finding):
    def find_users(
        self, fields: dict[str, Any], *, resource: Any = None
    ) -> Iterable[AbstractBaseUser]:
        return list(self.users(fields))


class Yielded(Finding):
    def find_users(
        self, fields: dict[str, Any], *, resource: Any = None
    ) -> Iterable[AbstractBaseUser]:
        yield from self.users(fields)


class Sliced(Finding):
    def find_users(
        self, fields: dict[str, Any], *, resource: Any = None
    ) -> Iterable[AbstractBaseUser]:
        return self.users(fields)[:10]


class United(Finding):
    def find_users(
        self, fields: dict[str, Any], *, resource: Any = None
    ) -> Iterable[AbstractBaseUser]:
        found = self.users(fields).order_by()
        return found.filter(is_active=True).union(found.filter(is_active=False))


class Nobody(Finding):
    def find_users(
        self, fields: dict[str, Any], *, resource: Any = None
    ) -> Iterable[AbstractBaseUser]:
        return self.users(fields).none()


@pytest.mark.parametrize("name", ["Listed", "Yielded", "Sliced", "United"])
def test_user_who_is_found_in_any_form_is_in_the_way(
    scim_settings: Callable[..., None], name: str
) -> None:
    scim_settings(ADAPTER=f"tests.lifecycle.test_found_users.{name}")
    client = connect()
    make_user("taken")
    ann = client.create_user("ann")
    rename = {"op": "replace", "path": "userName"}

    answers = [
        post(client, "Taken").status,
        client.patch(f"/Users/{ann['id']}", {**rename, "value": "taken"}).status,
        client.patch(f"/Users/{ann['id']}", {**rename, "value": "ANN"}).status,
        client.patch(f"/Users/{ann['id']}", {**rename, "value": "anna"}).status,
    ]

    assert answers == [409, 409, 200, 200]


def test_nobody_is_in_the_way_where_nobody_is_found(scim_settings: Callable[..., None]) -> None:
    scim_settings(ADAPTER="tests.lifecycle.test_found_users.Nobody")
    client = connect()
    ann = client.create_user("ann")
    rename = {"op": "replace", "path": "userName", "value": "anna"}

    assert client.patch(f"/Users/{ann['id']}", rename).status == 200
