"""``uniqueness`` that ``/Schemas`` shows is kept, on every write, and given up with the value."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.connections.decommission import decommission
from django_scim_provider.models import LinkedAccount, ProviderConnection, UniqueValue
from django_scim_provider.resources import Attribute
from tests.characteristics.places import CHANGES, PLACES, WAYS, Place, post, write
from tests.factories import make_token
from tests.inventory.models import Scanner
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db

USERS = PLACES["users"]
LONG = "x" * 5000
SOME_WAYS = ["POST", "PATCH with path"]


Values = dict[str, Any]


def refused(
    client: SCIMTestClient, place: Place, way: str, held: Values, sent: Values, named: str
) -> None:
    place.made(client, "first", code="c", **held)

    status, body = write(way, client, place, "second", {"code": "c"}, {"code": "c", **sent})

    assert (status, body["scimType"]) == (409, "uniqueness")
    assert body["detail"] == f"{place.path(named)} is already in use."


@pytest.mark.parametrize(
    ("held", "sent", "named"),
    [
        ({"badge": "B-1"}, {"badge": "B-1"}, "badge"),
        ({"cards": [{"number": "1", "kind": "x"}]}, {"cards": [{"number": "1"}]}, "cards.number"),
    ],
)
def test_what_somebody_has_is_refused_to_others_on_every_write(
    client: SCIMTestClient, place: Place, way: str, held: Values, sent: Values, named: str
) -> None:
    refused(client, place, way, held, sent, named)


@pytest.mark.parametrize("way", SOME_WAYS)
@pytest.mark.parametrize(
    ("held", "sent", "named"),
    [
        ({"badge": LONG}, {"badge": LONG}, "badge"),
        ({"alias": "Stra\u00dfe"}, {"alias": "STRASSE"}, "alias"),
        ({"locker": 1}, {"locker": 1.0}, "locker"),
        ({"since": "2026-01-01T01:00:00+01:00"}, {"since": "2026-01-01T00:00:00Z"}, "since"),
        ({"keys": ["a", "b"]}, {"keys": ["c", "B"]}, "keys"),
        ({"desk": {"plate": "p", "room": "1"}}, {"desk": {"plate": "P"}}, "desk.plate"),
    ],
)
def test_what_filters_find_equal_is_the_same_value(
    client: SCIMTestClient, place: Place, way: str, held: Values, sent: Values, named: str
) -> None:
    refused(client, place, way, held, sent, named)


@pytest.mark.parametrize("way", SOME_WAYS)
@pytest.mark.parametrize(
    ("held", "sent"),
    [
        ({"badge": "B-1"}, {"badge": "b-1"}),
        ({"badge": LONG}, {"badge": f"{LONG}y"}),
        ({"badge": "1"}, {"alias": "1"}),
        ({"badge": ""}, {"badge": ""}),
        ({"cards": [{"kind": "x"}]}, {"cards": [{"kind": "x"}]}),
        ({}, {"keys": ["a", "A"], "cards": [{"number": "1"}, {"number": "1", "kind": "x"}]}),
    ],
)
def test_what_nobody_has_is_free(
    client: SCIMTestClient, place: Place, way: str, held: Values, sent: Values
) -> None:
    place.made(client, "first", code="c", **held)

    status, _ = write(way, client, place, "second", {"code": "c"}, {"code": "c", **sent})

    assert status in (200, 201, 204)


def test_places_do_not_share_their_values(client: SCIMTestClient) -> None:
    for place in PLACES.values():
        place.made(client, "one", code="c", badge="B-1")


def test_connections_do_not_share_their_values(client: SCIMTestClient, place: Place) -> None:
    place.made(client, "one", code="c", badge="B-1", alias="a")

    place.made(SCIMTestClient(make_token(provider_id="other")), "two", code="c", badge="B-1")


def test_own_values_are_written_again(client: SCIMTestClient, place: Place, way: str) -> None:
    held = {"code": "c", "badge": "B-1", "keys": ["a", "b"]}

    status, _ = write(way, client, place, "one", held, {**held, "note": "n"})

    assert status in (200, 201, 204)
    assert UniqueValue.objects.count() == 3


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "replace", "path": "badge", "value": "B-2"}],
        [{"op": "replace", "path": "badge", "value": ""}],
        [{"op": "remove", "path": "badge"}],
    ],
)
def test_what_is_changed_or_cleared_is_free(
    client: SCIMTestClient, place: Place, operations: list[dict[str, Any]]
) -> None:
    id = place.made(client, "one", code="c", badge="B-1")
    named = [{**each, "path": place.path(each["path"])} for each in operations]
    assert client.patch(f"{place.endpoint}/{id}", *named).status in (200, 204)

    place.made(client, "two", code="c", badge="B-1")


def test_what_a_put_leaves_out_is_free(client: SCIMTestClient, place: Place) -> None:
    id = place.made(client, "one", code="c", badge="B-1", keys=["a"])
    body = place.body("one", {"code": "c", "keys": ["b"]})
    assert client.request("PUT", f"{place.endpoint}/{id}", body).status == 200

    place.made(client, "two", code="c", badge="B-1", keys=["A"])


def test_what_is_deleted_has_nothing(client: SCIMTestClient, place: Place) -> None:
    id = place.made(client, "one", code="c", badge="B-1")
    assert client.request("DELETE", f"{place.endpoint}/{id}").status == 204

    assert not UniqueValue.objects.exists()
    place.made(client, "two", code="c", badge="B-1")


def test_what_is_refused_changes_nothing(client: SCIMTestClient, place: Place) -> None:
    place.made(client, "one", code="c", badge="B-1")
    id = place.made(client, "two", code="c", badge="B-2")

    answer = client.patch(
        f"{place.endpoint}/{id}",
        {"op": "replace", "path": place.path("note"), "value": "n"},
        {"op": "replace", "path": place.path("badge"), "value": "B-1"},
    )

    assert answer.status == 409
    assert place.stored(client, id) == {"code": "c", "badge": "B-2"}
    assert post(client, place, "three", {"code": "c", "badge": "B-2"})[0] == 409


def test_the_409_of_a_post_tells_who_has_it(client: SCIMTestClient, place: Place) -> None:
    id = place.made(client, "one", code="c", badge="B-1")

    body = place.body("two", {"code": "c", "badge": "B-1"})
    answer = client.request("POST", place.endpoint, body)

    assert answer.headers["Location"].endswith(f"{place.endpoint}/{id}")


def test_one_bulk_request_gives_a_value_away(client: SCIMTestClient, place: Place) -> None:
    id = place.made(client, "one", code="c", badge="B-1")
    operations = [
        {"method": "DELETE", "path": f"{place.endpoint}/{id}"},
        *(
            {
                "method": "POST",
                "path": place.endpoint,
                "bulkId": name,
                "data": place.body(name, {"code": "c", "badge": "B-1"}),
            }
            for name in ("two", "three")
        ),
    ]
    schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]

    answer = client.request("POST", "/Bulk", {"schemas": schemas, "Operations": operations})

    assert [each["status"] for each in answer.json["Operations"]] == ["204", "201", "409"]


def test_whoever_is_deactivated_keeps_theirs(client: SCIMTestClient) -> None:
    id = USERS.made(client, "one", code="c", badge="B-1")
    client.patch(f"/Users/{id}", {"op": "replace", "path": "active", "value": False})

    status, body = post(client, USERS, "two", {"code": "c", "badge": "B-1"})

    assert (status, body["scimType"]) == (409, "uniqueness")


def test_whoever_comes_back_takes_what_is_free_and_no_more() -> None:
    client = SCIMTestClient(make_token(profile="okta"))
    USERS.made(client, "one", code="c", badge="B-1")
    id = USERS.made(client, "two", code="c", badge="B-2")
    client.patch(f"/Users/{id}", {"op": "replace", "path": "active", "value": False})

    taken, _ = post(client, USERS, "two", {"code": "c", "badge": "B-1"})
    back, body = post(client, USERS, "two", {"code": "c", "badge": "B-3"})
    freed, _ = post(client, USERS, "three", {"code": "c", "badge": "B-2"})

    assert (taken, back, body["id"], freed) == (409, 200, id, 201)


def test_a_tombstone_has_nothing(client: SCIMTestClient) -> None:
    user = get_user_model()._default_manager.create(username="one", password="!")
    id = USERS.made(client, "one-of-scim", code="c", badge="B-1")
    LinkedAccount.objects.filter(scim_id=id).update(user=user, created_user=False)
    client.request("DELETE", f"/Users/{id}")

    USERS.made(client, "two", code="c", badge="B-1")


def test_a_decommissioned_connection_keeps_its_values(client: SCIMTestClient) -> None:
    USERS.made(client, "one", code="c", badge="B-1")
    connection = ProviderConnection.objects.get()
    decommission(connection)
    ProviderConnection.objects.update(decommissioned_at=None, enabled=True)
    again = SCIMTestClient(make_token())

    other, _ = post(again, USERS, "two", {"code": "c", "badge": "B-1"})
    same, _ = post(again, USERS, "one", {"code": "c", "badge": "B-1"})

    assert (other, same) == (409, 200)


def test_what_is_deleted_with_the_projects_user_has_nothing(client: SCIMTestClient) -> None:
    USERS.made(client, "one", code="c", badge="B-1")
    get_user_model()._default_manager.filter(username="one").delete()

    USERS.made(client, "two", code="c", badge="B-1")

    assert UniqueValue.objects.count() == 1


def test_what_the_project_deletes_itself_has_nothing(client: SCIMTestClient) -> None:
    place = PLACES["own type"]
    place.made(client, "one", code="c", badge="B-1")
    Scanner.objects.all().delete()

    place.made(client, "two", code="c", badge="B-1")


def test_what_the_project_takes_away_itself_is_free(client: SCIMTestClient) -> None:
    place = PLACES["own type"]
    id = place.made(client, "one", code="c", badge="B-1")
    other = place.made(client, "other", code="c", badge="B-2")
    text = Scanner.objects.get(scim_id=id).resource
    Scanner.objects.filter(scim_id=id).update(resource=text.replace("B-1", "B-3"))

    place.made(client, "two", code="c", badge="B-1")
    kept = CHANGES["PUT"](client, place, other, "other", {"code": "c", "badge": "B-1"})

    assert kept[0] == 409
    assert place.stored(client, id)["badge"] == "B-3"


def test_values_go_with_their_connection(client: SCIMTestClient) -> None:
    PLACES["own type"].made(client, "one", code="c", badge="B-1")

    ProviderConnection.objects.all().delete()

    assert not UniqueValue.objects.exists()


def test_discovery_says_so(client: SCIMTestClient, place: Place) -> None:
    schema = client.get(f"/Schemas/{place.urn or place.schema}").json
    shown = {a["name"]: a for a in schema["attributes"]}

    assert {name: shown[name]["uniqueness"] for name in ("badge", "alias", "note")} == {
        "badge": "server",
        "alias": "global",
        "note": "none",
    }
    assert shown["cards"]["subAttributes"][0]["uniqueness"] == "server"
    assert set(WAYS) >= {"POST", "PUT"}


@pytest.mark.parametrize("returned", [{"returned": "never"}, {"mutability": "writeOnly"}])
def test_a_secret_cannot_be_declared_unique(returned: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="pin"):
        Attribute(name="pin", uniqueness="server", **returned)
