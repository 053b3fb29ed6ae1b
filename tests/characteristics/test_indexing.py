"""``scim_index_values`` claims what was stored before its attribute was declared unique."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.insight import indexing
from django_scim_provider.models import ProviderConnection, UniqueValue
from tests.characteristics.places import PLACES, Place, post
from tests.factories import make_token
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db

HELD = {"code": "c", "badge": "B-1", "keys": ["a", "b"]}


def index(*arguments: str) -> str:
    out = StringIO()
    call_command("scim_index_values", *arguments, stdout=out)
    return out.getvalue()


def test_what_was_there_before_is_unique_from_now_on(client: SCIMTestClient, place: Place) -> None:
    place.made(client, "one", **HELD)
    UniqueValue.objects.all().delete()
    before, _ = post(client, place, "two", {"code": "c", "keys": ["c"]})

    told = index()

    after, body = post(client, place, "three", {"code": "c", "keys": ["B"]})
    assert (before, after) == (201, 409)
    assert body["detail"] == f"{place.path('keys')} is already in use."
    assert told == "acme: 2 resources, 3 values indexed, 0 released, 0 there twice.\n"
    assert index() == "acme: 2 resources, 0 values indexed, 0 released, 0 there twice.\n"


def test_what_is_there_twice_is_told_by_ids(client: SCIMTestClient, place: Place) -> None:
    first = place.made(client, "one", **HELD)
    UniqueValue.objects.all().delete()
    second = place.made(client, "two", code="c", badge="B-1", keys=["x"])
    UniqueValue.objects.all().delete()

    told = index()

    kind = client.get(f"{place.endpoint}/{first}").json["meta"]["resourceType"]
    badge = place.path("badge")
    assert told.splitlines() == [
        f"acme {kind} {second}: {badge} has a value that {first} has already",
        "acme: 2 resources, 4 values indexed, 0 released, 1 there twice.",
    ]
    assert "1 there twice" in index()
    assert "B-1" not in told


def test_whoever_has_a_value_twice_can_still_be_changed(client: SCIMTestClient) -> None:
    place = PLACES["users"]
    place.made(client, "one", **HELD)
    UniqueValue.objects.all().delete()
    second = place.made(client, "two", code="c", badge="B-1")
    UniqueValue.objects.all().delete()
    index()

    closed = client.patch(f"/Users/{second}", {"op": "replace", "path": "active", "value": False})
    solved = client.patch(
        f"/Users/{second}", {"op": "replace", "path": place.path("badge"), "value": "B-2"}
    )

    assert (closed.status, solved.status) == (200, 200)
    assert index().endswith("0 released, 0 there twice.\n")


def test_claims_of_nobody_are_released(client: SCIMTestClient, place: Place) -> None:
    id = place.made(client, "one", **HELD)
    (claim, *_) = UniqueValue.objects.all()
    UniqueValue(
        provider=claim.provider, resource_type=claim.resource_type, digest="x" * 64, holder=uuid4()
    ).save()
    UniqueValue(
        provider=claim.provider,
        resource_type=claim.resource_type,
        digest="y" * 64,
        holder=claim.holder,
    ).save()
    UniqueValue(
        provider=claim.provider, resource_type="Gone", digest="z" * 64, holder=uuid4()
    ).save()

    told = index()

    assert told == "acme: 1 resources, 0 values indexed, 3 released, 0 there twice.\n"
    assert UniqueValue.objects.count() == 3
    assert client.get(f"{place.endpoint}/{id}").status == 200


def test_it_goes_by_connection(client: SCIMTestClient) -> None:
    place = PLACES["users"]
    other = SCIMTestClient(make_token(provider_id="other"))
    place.made(client, "one", **HELD)
    other.create_user("two", **place.held(HELD))
    UniqueValue.objects.all().delete()

    told = index("--provider", "other")

    assert told.startswith("other: 1 resources, 3 values indexed")
    assert {value.provider_id for value in UniqueValue.objects.all()} == {"other"}
    with pytest.raises(CommandError, match="nobody"):
        index("--provider", "nobody")


def test_it_takes_few_statements_for_many(client: SCIMTestClient) -> None:
    place = PLACES["users"]
    for number in range(20):
        place.made(client, f"u{number}", code="c", badge=f"B-{number}")
    UniqueValue.objects.all().delete()
    row = ProviderConnection.objects.get()

    with CaptureQueriesContext(connection) as few:
        done = indexing.index_values(row, batch_size=10)
    assert (done.resources, done.claimed) == (20, 20)
    assert len(few) < 100


def test_it_does_nothing_where_nothing_is_unique(
    scim_settings: Callable[..., None], settings: pytest.MonkeyPatch
) -> None:
    scim_settings(EXTENSIONS={}, RESOURCE_TYPES=[])
    client = SCIMTestClient(make_token())
    client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    assert index() == "acme: 0 resources, 0 values indexed, 0 released, 0 there twice.\n"
