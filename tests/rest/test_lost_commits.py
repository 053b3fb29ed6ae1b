"""A COMMIT whose answer is lost: the client is told so, and finds what it made."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.inventory.scim import PRINTER_URN
from tests.people import connect, make_organization, make_user, post
from tests.scim_client import CORE, SCIMTestClient
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)

ANN = {"schemas": [CORE], "userName": "ann@x.example", "externalId": "e1"}
PRINTER = {"schemas": [PRINTER_URN], "serialNumber": "S", "shelf": 1, "externalId": "p1"}


@pytest.fixture
def client(scim_settings: Any, settings: Any) -> SCIMTestClient:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    client = connect()
    client.get("/Users")
    return client


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("/Users", ANN, id="user"),
        pytest.param("/Printers", PRINTER, id="own-type"),
    ],
)
def test_post_whose_commit_was_not_heard_of_is_recognised(
    client: SCIMTestClient, path: str, body: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Any = connection  # the stubs leave its own methods out
    commit = database._commit

    def lose_the_answer() -> None:
        commit()
        raise OperationalError("the connection was lost")

    with monkeypatch.context() as patched:
        patched.setattr(connection, "_commit", lose_the_answer)
        first = client.request("POST", path, body)
    second = client.request("POST", path, body)

    assert first.status == 503
    assert second.status == 409
    assert second.json["scimType"] == "uniqueness"
    address = second.headers["Location"]
    found = client.get(address.partition("/scim/v2")[2])
    assert found.status == 200
    assert found.json["meta"]["location"] == address
    assert client.get(path).json["totalResults"] == 1


def test_user_of_the_project_has_no_location(client: SCIMTestClient) -> None:
    make_user("ann@x.example")

    answer = client.request("POST", "/Users", ANN)

    assert answer.status == 409
    assert "Location" not in answer.headers


@pytest.mark.parametrize(("path", "body"), [("/Users", ANN), ("/Printers", PRINTER)])
def test_resource_of_another_connection_has_no_location(
    client: SCIMTestClient, path: str, body: dict[str, Any]
) -> None:
    connect("other").request("POST", path, body)

    answer = client.request("POST", path, body)

    assert "Location" not in answer.headers


def test_account_out_of_sight_has_no_location() -> None:
    make_organization("corp", owner="owner")
    client = connect(organization_id="corp", profile="strict")
    ann = post(client, "ann@x.example")
    Membership.objects.filter(user__username="ann@x.example").delete()

    answer = post(client, "ann@x.example")

    assert ann.status == 201
    assert answer.status == 409
    assert "Location" not in answer.headers
