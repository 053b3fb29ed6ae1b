"""What happens at the same time: nothing is lost, nothing is doubled, nobody sees a 500."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError
from django.db.models.signals import pre_save

from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from tests.factories import make_token
from tests.inventory.models import Printer
from tests.inventory.scim import PRINTER_URN
from tests.parallel import in_parallel
from tests.scim_client import CORE, GROUP, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 20


@pytest.fixture
def token() -> str:
    return make_token(provider_id="acme")


def body(user_name: str, **attributes: Any) -> dict[str, Any]:
    return {"schemas": [CORE], "userName": user_name, **attributes}


@pytest.mark.parametrize(
    "bodies",
    [
        pytest.param([body("ann@x.example")] * THREADS, id="one-name"),
        pytest.param(
            [body("ann" if n % 2 else "ANN", externalId=f"e{n}") for n in range(THREADS)],
            id="one-name-in-two-cases",
        ),
    ],
)
def test_one_of_equal_creates_succeeds(token: str, bodies: list[dict[str, Any]]) -> None:
    def create(number: int) -> int:
        return SCIMTestClient(token).request("POST", "/Users", bodies[number]).status

    statuses = Counter(in_parallel(THREADS, create))

    assert statuses == {201: 1, 409: THREADS - 1}
    assert LinkedAccount.objects.count() == 1
    assert get_user_model()._default_manager.count() == 1


@pytest.mark.parametrize(
    ("path", "bodies"),
    [
        ("/Users", [body(f"user{n}", externalId="same") for n in range(THREADS)]),
        (
            "/Groups",
            [
                {"schemas": [GROUP], "displayName": f"Team {n}", "externalId": "same"}
                for n in range(THREADS)
            ],
        ),
    ],
)
def test_creates_of_one_external_id_all_succeed(
    token: str, path: str, bodies: list[dict[str, Any]]
) -> None:
    def create(number: int) -> int:
        return SCIMTestClient(token).request("POST", path, bodies[number]).status

    statuses = Counter(in_parallel(THREADS, create))

    assert statuses == {201: THREADS}
    found = SCIMTestClient(token).get(f'{path}?filter=externalId eq "same"').json
    assert found["totalResults"] == THREADS


def test_equal_creates_by_two_connections_leave_one_user(token: str) -> None:
    tokens = [token, make_token(provider_id="other")]

    def create(number: int) -> int:
        client = SCIMTestClient(tokens[number % 2])
        return client.request("POST", "/Users", body("ann@x.example")).status

    statuses = Counter(in_parallel(10, create))

    assert statuses == {201: 1, 409: 9}
    assert get_user_model()._default_manager.count() == 1


def test_parallel_patches_lose_nothing(token: str) -> None:
    user = SCIMTestClient(token).create_user("ann@x.example")

    def add(number: int) -> int:
        value = [{"value": f"m{number}@x.example", "type": f"t{number}"}]
        operation = {"op": "add", "path": "emails", "value": value}
        return SCIMTestClient(token).patch(f"/Users/{user['id']}", operation).status

    statuses = Counter(in_parallel(THREADS, add))

    found = SCIMTestClient(token).get(f"/Users/{user['id']}").json
    assert statuses == {200: THREADS}
    assert {email["type"] for email in found["emails"]} == {f"t{n}" for n in range(THREADS)}
    assert found["meta"]["version"] == f'W/"{THREADS + 1}"'


def test_one_of_puts_with_one_version_wins(token: str) -> None:
    user = SCIMTestClient(token).create_user("ann@x.example")
    version = user["meta"]["version"]

    def put(number: int) -> int:
        changed = body("ann@x.example", title=f"T{number}")
        client = SCIMTestClient(token)
        return client.request("PUT", f"/Users/{user['id']}", changed, HTTP_IF_MATCH=version).status

    statuses = Counter(in_parallel(THREADS, put))

    assert statuses == {200: 1, 412: THREADS - 1}


def test_one_of_puts_that_must_not_find_the_next_version_wins(token: str) -> None:
    user = SCIMTestClient(token).create_user("ann@x.example")

    def put(number: int) -> int:
        changed = body("ann@x.example", title=f"T{number}")
        client = SCIMTestClient(token)
        unless: dict[str, Any] = {"HTTP_IF_NONE_MATCH": 'W/"2", W/"3"'}
        return client.request("PUT", f"/Users/{user['id']}", changed, **unless).status

    statuses = Counter(in_parallel(THREADS, put))

    assert statuses == {200: 1, 412: THREADS - 1}


def test_one_of_parallel_deletes_finds_the_user(token: str) -> None:
    user = SCIMTestClient(token).create_user("ann@x.example")

    def delete(number: int) -> int:
        return SCIMTestClient(token).request("DELETE", f"/Users/{user['id']}").status

    statuses = Counter(in_parallel(10, delete))

    assert statuses == {204: 1, 404: 9}
    assert not get_user_model()._default_manager.exists()


def test_deleted_user_does_not_come_back_by_a_patch(token: str) -> None:
    user = SCIMTestClient(token).create_user("ann@x.example")

    def act(number: int) -> int:
        client = SCIMTestClient(token)
        if number == 0:
            return client.request("DELETE", f"/Users/{user['id']}").status
        operation = {"op": "replace", "path": "title", "value": str(number)}
        return client.patch(f"/Users/{user['id']}", operation).status

    statuses = in_parallel(10, act)

    assert statuses[0] == 204
    assert set(statuses[1:]) <= {200, 404}
    assert not LinkedAccount.objects.exists()
    assert not get_user_model()._default_manager.exists()


def test_renames_to_one_name_leave_one_owner(token: str) -> None:
    ids = [SCIMTestClient(token).create_user(f"user{n}")["id"] for n in range(8)]

    def rename(number: int) -> int:
        operation = {"op": "replace", "path": "userName", "value": "wanted"}
        return SCIMTestClient(token).patch(f"/Users/{ids[number]}", operation).status

    statuses = Counter(in_parallel(8, rename))

    assert statuses == {200: 1, 409: 7}


@pytest.mark.parametrize("times", [1, 100])
@pytest.mark.parametrize(
    ("model", "path", "sent"),
    [
        (get_user_model(), "/Users", {"schemas": [CORE], "userName": "ann@x.example"}),
        (ProvisionedGroup, "/Groups", {"schemas": [GROUP], "displayName": "g"}),
        (Printer, "/Printers", {"schemas": [PRINTER_URN], "serialNumber": "S", "shelf": 1}),
    ],
)
def test_who_was_in_the_way_and_is_gone_is_no_fault(
    scim_settings: Any, settings: Any, model: Any, path: str, sent: dict[str, Any], times: int
) -> None:
    """The row that breaks the constraint is deleted before it is looked for."""
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    client = SCIMTestClient(make_token())
    left = [IntegrityError("duplicate")] * times

    def refuse(**_: Any) -> None:
        if left:
            raise left.pop()

    pre_save.connect(refuse, sender=model)
    try:
        answer = client.request("POST", path, sent)
    finally:
        pre_save.disconnect(refuse, sender=model)

    assert answer.status == (201 if times == 1 else 500)
