"""Roles by attributes that identity providers do not write any more: the next change takes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client

from django_scim_provider.attribute_map import Mapped
from django_scim_provider.models import RoleMapping
from tests.administration import url
from tests.people import connect, post
from tests.previews.conftest import text_of
from tests.roles_of_people.mapping import map_value
from tests.roles_of_people.test_attributes import put
from tests.test_roles import groups_of

pytestmark = pytest.mark.django_db
OWNED = {"userType": Mapped("last_name", write=False, read=True)}


@pytest.fixture(params=["of-all", "of-the-connection"])
def keep_it(
    request: pytest.FixtureRequest, scim_settings: Callable[..., None]
) -> Callable[[], None]:
    """Return what makes ``userType`` the project's own."""
    of_one = {"CONNECTION_ATTRIBUTE_MAPS": {"acme": OWNED}}
    return lambda: scim_settings(
        **({"ATTRIBUTE_MAP": OWNED} if request.param == "of-all" else of_one)
    )


def test_replay_takes_what_the_project_keeps_by_now(keep_it: Callable[[], None]) -> None:
    client = connect()
    map_value("userType", "x")
    ann = post(client, "ann", userType="x").json
    keep_it()

    call_command("scim_reconcile", verbosity=0)

    assert groups_of(ann) == []


def test_next_change_takes_what_the_project_keeps_by_now(keep_it: Callable[[], None]) -> None:
    client = connect()
    map_value("userType", "x")
    ann = post(client, "ann", userType="x").json
    keep_it()

    put(client, ann, "title", "Dr.")

    assert groups_of(ann) == []


def test_next_change_takes_what_no_schema_has_any_more() -> None:
    client = connect()
    mapping = map_value("userType", "x")
    ann = post(client, "ann", userType="x").json
    RoleMapping.objects.filter(pk=mapping.pk).update(attribute="urn:example:gone:User:kind")

    put(client, ann, "title", "Dr.")

    assert groups_of(ann) == []


def test_list_warns_of_what_the_project_keeps(root: Client, keep_it: Callable[[], None]) -> None:
    connect()
    map_value("userType", "x")
    keep_it()

    assert "keeps the attribute itself" in text_of(root.get(url(RoleMapping, "changelist")))
