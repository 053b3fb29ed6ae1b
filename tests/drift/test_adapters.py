"""Adapters that write otherwise, and errors of the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.adapter import DefaultAdapter
from tests.drift.comparing import ann, compare, repair, told, write
from tests.people import host_user, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


class Shouting(DefaultAdapter):
    """Writes first names in capitals, whatever ``user_fields`` says."""

    def update_user(self, user: AbstractBaseUser, resource: Any, fields: Any, **more: Any) -> None:
        if "first_name" in fields:
            fields = {**fields, "first_name": fields["first_name"].upper()}
        super().update_user(user, resource, fields, **more)

    def differences(self, user: AbstractBaseUser, resource: Any, fields: Any) -> Any:
        if "first_name" in fields:
            fields = {**fields, "first_name": fields["first_name"].upper()}
        return super().differences(user, resource, fields)


def test_adapter_that_writes_otherwise_says_what_differs(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    user = ann(client)
    scim_settings(ADAPTER="tests.drift.test_adapters.Shouting")

    found = told()
    repair()

    assert found == ["user first_name"]
    assert host_user(user).first_name == "ANN"
    assert told() == []


class Flickering(DefaultAdapter):
    """Sees a difference once only, as when a change came between two reads."""

    seen: ClassVar[set[Any]] = set()

    def differences(self, user: AbstractBaseUser, resource: Any, fields: Any) -> Any:
        first = user.pk not in self.seen
        self.seen.add(user.pk)
        return {"first_name": ("old", "new")} if first else {}


def test_what_differs_at_one_look_and_not_at_the_next_is_not_told(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    ann(client)
    scim_settings(ADAPTER="tests.drift.test_adapters.Flickering")
    Flickering.seen.clear()

    drift, found = compare()

    assert Flickering.seen
    assert (found, drift.differing) == ([], 0)


class Failing(DefaultAdapter):
    """Has a bug for one person."""

    def update_user(self, user: AbstractBaseUser, *arguments: Any, **more: Any) -> None:
        if user.get_username() == "ann@x.example":
            raise LookupError("a bug of the project")
        super().update_user(user, *arguments, **more)


def test_error_of_the_project_is_logged_and_the_others_go_on(
    client: SCIMTestClient, scim_settings: Callable[..., None], caplog: Any
) -> None:
    user, bob = ann(client), post(client, "bob@x.example", name={"givenName": "Bob"}).json
    for each in (user, bob):
        write(each, first_name="Changed")
    scim_settings(ADAPTER="tests.drift.test_adapters.Failing")

    drift = repair()

    assert (drift.repaired, drift.refused) == (1, 1)
    assert host_user(bob).first_name == "Bob"
    assert user["id"] in caplog.text
    assert "ann@" not in caplog.text
