"""Of writes at the same time that want one value, the database lets one have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.insight.indexing import index_values
from django_scim_provider.models import ProviderConnection, UniqueValue
from tests.characteristics.places import CHANGES, CREATIONS, PLACES, Place
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.scim_client import CORE, GROUP, SCIMTestClient

THREADS = 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", CREATIONS)
def test_one_of_equal_creations_succeeds(place: Place, way: str) -> None:
    token = make_token()

    def create(number: int) -> int:
        sent = {"code": "c", "badge": "B-1", "keys": ["a", f"own-{number}"]}
        return CREATIONS[way](SCIMTestClient(token), place, f"r{number}", sent)[0]

    statuses = Counter(in_parallel(THREADS, create))

    assert statuses == {201: 1, 409: THREADS - 1}
    assert UniqueValue.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["PUT", "PATCH with path"])
def test_one_of_equal_changes_succeeds(place: Place, way: str) -> None:
    token = make_token()
    client = SCIMTestClient(token)
    ids = [place.made(client, f"r{n}", code="c", badge=f"own-{n}") for n in range(THREADS)]

    def change(number: int) -> int:
        sent = {"code": "c", "badge": "B-1"}
        name = f"r{number}"
        return CHANGES[way](SCIMTestClient(token), place, ids[number], name, sent)[0]

    statuses = Counter(in_parallel(THREADS, change))
    badges = Counter(place.stored(client, id)["badge"] for id in ids)

    assert statuses[409] == THREADS - 1
    assert (badges["B-1"], len(badges)) == (1, THREADS)
    assert UniqueValue.objects.count() == THREADS


@pytest.mark.django_db(transaction=True)
def test_a_value_changes_hands_at_the_same_time(place: Place) -> None:
    token = make_token()
    client = SCIMTestClient(token)
    id = place.made(client, "r0", code="c", badge="B-1")

    def work(number: int) -> int:
        own = SCIMTestClient(token)
        if number == 0:
            return own.request("DELETE", f"{place.endpoint}/{id}").status
        return CREATIONS["POST"](own, place, f"r{number}", {"code": "c", "badge": "B-1"})[0]

    statuses = Counter(in_parallel(THREADS, work))

    assert statuses[204] == 1
    assert statuses[201] in (0, 1)
    assert statuses[201] + statuses[409] == THREADS - 1
    assert UniqueValue.objects.count() == statuses[201]


@pytest.mark.django_db(transaction=True)
def test_values_are_passed_round_at_the_same_time(place: Place) -> None:
    token = make_token()
    client = SCIMTestClient(token)
    names = [f"r{number}" for number in range(THREADS)]
    ids = [place.made(client, name, code="c", badge=f"B-{name}") for name in names]

    def change(number: int) -> int:
        # The first gives its own away; each other one wants that of whom is before it.
        badge = f"B-r{number - 1}" if number else "free"
        sent = {"code": "c", "badge": badge}
        own = SCIMTestClient(token)
        return CHANGES["PUT"](own, place, ids[number], names[number], sent)[0]

    statuses = Counter(in_parallel(THREADS, change))
    badges = {place.stored(client, id)["badge"] for id in ids}
    done = index_values(ProviderConnection.objects.get())

    assert statuses[200] >= 1
    assert statuses[200] + statuses[409] == THREADS
    assert len(badges) == THREADS
    assert (done.claimed, done.released, done.doubles) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_claim_of_nobody_is_given_to_one(place: Place) -> None:
    token = make_token()
    client = SCIMTestClient(token)
    id = place.made(client, "r0", code="c", badge="B-1")
    (claim,) = UniqueValue.objects.all()
    client.patch(f"{place.endpoint}/{id}", {"op": "remove", "path": place.path("badge")})
    claim.save(force_insert=True)

    def create(number: int) -> int:
        sent = {"code": "c", "badge": "B-1"}
        return CREATIONS["POST"](SCIMTestClient(token), place, f"s{number}", sent)[0]

    assert Counter(in_parallel(THREADS, create)) == {201: 1, 409: THREADS - 1}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PLACES)
def test_values_cost_one_statement_and_nothing_where_there_are_none(
    client: SCIMTestClient, name: str
) -> None:
    place = PLACES[name]
    place.made(client, "first", code="c")

    def statements(number: int, **attributes: object) -> int:
        with CaptureQueriesContext(connection) as queries:
            place.made(client, f"r{number}", code="c", **attributes)
        return len(queries)

    plain = statements(1)

    assert statements(2, badge="B-1", keys=["a", "b"], desk={"plate": "p"}) == plain + 1
    assert UniqueValue.objects.count() == 4


@pytest.mark.django_db
def test_users_without_unique_attributes_never_ask_for_them(
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(EXTENSIONS={}, RESOURCE_TYPES=[])
    client = SCIMTestClient(make_token(profile="okta"))
    table = UniqueValue._meta.db_table
    users = {"schemas": [CORE], "userName": "ann"}
    groups = {"schemas": [GROUP], "displayName": "g"}

    with CaptureQueriesContext(connection) as queries:
        for path, body in (("/Users", users), ("/Groups", groups)):
            place = f"{path}/{client.request('POST', path, body).json['id']}"
            client.request("PUT", place, {**body, "externalId": "e"})
            client.patch(place, {"op": "replace", "path": "externalId", "value": "f"})
            client.request("DELETE", place)

    assert not [query["sql"] for query in queries if table in query["sql"]]
