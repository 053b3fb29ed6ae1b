"""What paths of bulk operations may be, and the ``location`` and ``status`` that answer them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.core.bulk.operation_paths import BulkPaths
from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.factories import make_token
from tests.inventory.scim import PRINTER_URN
from tests.people import post
from tests.scim_client import CORE, ENTERPRISE, GROUP, SCIMTestClient
from tests.test_bulk import bulk, create, create_group, patch, statuses
from tests.test_groups import make_group

BASE = "http://testserver/scim/v2"
ANN = {"schemas": [CORE], "userName": "ann"}
TITLE = {"op": "add", "path": "title", "value": "T"}
NOBODY = "01900000-0000-7000-8000-000000000000"


def locations(answer: Any) -> list[str | None]:
    return [result.get("location") for result in answer.json["Operations"]]


@pytest.mark.django_db
@pytest.mark.rfc("7644", "3.7.3", "MUST")
def test_statuses_are_those_of_single_requests(
    scim_settings: Callable[..., None], settings: Any
) -> None:
    settings.ROOT_URLCONF = "tests.inventory.urls"
    scim_settings(RESOURCE_TYPES=["tests.inventory.scim.PRINTERS"])
    client = SCIMTestClient(make_token())
    printer = {"schemas": [PRINTER_URN], "serialNumber": "S-1", "shelf": 1}
    ids = [
        post(client, "ann").json["id"],
        make_group(client, "team")["id"],
        client.request("POST", "/Printers", printer).json["id"],
    ]
    paths = [f"/{name}/{id}" for name, id in zip(("Users", "Groups", "Printers"), ids, strict=True)]
    bodies = [ANN, {"schemas": [GROUP], "displayName": "team"}, printer]
    external = {"op": "add", "path": "externalId", "value": "e"}

    put = bulk(
        client,
        *(
            {"method": "PUT", "path": path, "data": body}
            for path, body in zip(paths, bodies, strict=True)
        ),
    )
    patched = bulk(client, *(patch(path, external) for path in paths))
    alone = [client.patch(path, {**external, "value": "f"}).status for path in paths]

    assert statuses(put) == ["200", "200", "200"]
    assert statuses(patched) == [str(status) for status in alone] == ["200", "204", "200"]
    assert locations(put) == locations(patched) == [BASE + path for path in paths]
    assert all("response" not in each for each in put.json["Operations"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    "form",
    [
        "/Users/{id}",
        "Users/{id}",
        "/Users/{id}/",
        "/users/{id}",
        "USERS/{id}?attributes=userName",
        "/%55sers/{id}",
        BASE + "/Users/{id}",
        "HTTP://TESTSERVER:80/scim/v2/uSERS/{id}/",
        "/scim/v2/Users/{id}",
    ],
)
def test_forms_of_a_path_that_name_the_same(scim_client: SCIMTestClient, form: str) -> None:
    ann = post(scim_client, "ann").json
    path = form.format(id=ann["id"])

    answer = bulk(
        scim_client,
        patch(path, TITLE),
        {**patch(path, TITLE), "version": 'W/"9"'},
        {"method": "DELETE", "path": path},
        {"method": "PUT", "path": path, "data": ANN},
    )

    assert statuses(answer) == ["200", "412", "204", "404"]
    assert locations(answer) == [ann["meta"]["location"]] * 4
    actions = ProvisioningEvent.objects.filter(resource_type="User", resource_id=ann["id"])
    assert sorted(actions.values_list("action", flat=True)).count("update") == 3


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["Users", "/users/", BASE + "/USERS", "/Users?attributes=id"])
def test_collections_are_named_in_the_same_forms(scim_client: SCIMTestClient, path: str) -> None:
    made, group = {**create("a", "ann"), "path": path}, create_group("g", "team", "bulkId:a")
    circle = [
        {
            **create(one, one, **{ENTERPRISE: {"manager": {"value": f"bulkId:{other}"}}}),
            "path": path,
        }
        for one, other in ("bc", "cb")
    ]

    answer = bulk(scim_client, group, *circle, made)

    assert statuses(answer) == ["201"] * 4
    users = scim_client.get("/Users").json["Resources"]
    assert set(locations(answer)[1:]) == {user["meta"]["location"] for user in users}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/scim/v2/Users/{id}",
        "https://testserver/scim/v2/Users/{id}",
        "http://testserver:8000/scim/v2/Users/{id}",
        "http://ann@testserver/scim/v2/Users/{id}",
        "http://testserver/scim/v1/Users/{id}",
        "http://testserver/Users/{id}",
        "http://testserver",
    ],
)
def test_address_elsewhere_fails_its_operation_alone(
    scim_client: SCIMTestClient, address: str
) -> None:
    ann = post(scim_client, "ann").json
    path = address.format(id=ann["id"])

    answer = bulk(scim_client, {"method": "DELETE", "path": path}, create("b", "bob"))

    assert statuses(answer) == ["400", "201"]
    failed = answer.json["Operations"][0]
    assert (failed["location"], failed["response"]["scimType"]) == (path, "invalidValue")
    assert LinkedAccount.objects.count() == 2


@pytest.mark.django_db
def test_what_failed_has_its_address_but_for_post(scim_client: SCIMTestClient) -> None:
    ann = post(scim_client, "ann").json

    answer = bulk(
        scim_client,
        {"method": "DELETE", "path": f"users/{NOBODY}"},
        {"method": "PUT", "path": f"/Users/{ann['id']}", "data": {"schemas": [CORE]}},
        {"method": "DELETE", "path": "/Nothings/1/"},
        {"method": "DELETE", "path": "/Users"},
        {"method": "DELETE", "path": "/Users/zwölf €"},
        create("a", "ann"),
        {"method": "DELETE"},
    )

    assert statuses(answer) == ["404", "400", "404", "405", "404", "409", "400"]
    assert locations(answer) == [
        f"{BASE}/Users/{NOBODY}",
        ann["meta"]["location"],
        f"{BASE}/Nothings/1",
        f"{BASE}/Users",
        f"{BASE}/Users/zw%C3%B6lf%20%E2%82%AC",
        None,
        None,
    ]


@pytest.mark.django_db
def test_scope_is_asked_in_any_case() -> None:
    client = SCIMTestClient(make_token(scopes=["scim.groups.write"]))

    answer = bulk(client, {**create("a", "ann"), "path": "users"})

    assert statuses(answer) == ["403"]


@pytest.mark.django_db
@pytest.mark.rfc("7644", "3.7", "MAY")
def test_no_errors_accepted_is_no_limit(scim_client: SCIMTestClient) -> None:
    operations = [{"method": "DELETE", "path": f"/Users/{NOBODY}"}] * 3

    answer = bulk(scim_client, *operations, create("a", "ann"), failOnErrors=0)

    assert statuses(answer) == ["404"] * 3 + ["201"]


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [-1, "1", 1.0, 1.5, True, False, [], {}])
def test_limit_that_is_no_whole_number_is_refused(scim_client: SCIMTestClient, limit: Any) -> None:
    answer = bulk(scim_client, create("a", "ann"), failOnErrors=limit)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        ("https://x.example", "https://X.example:443/users/1", "https://x.example/Users/1"),
        ("https://x.example", "/users/1", "https://x.example/Users/1"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a/Users/1", "http://[::1]:8000/a/Users/1"),
        ("http://x", "http://[::1/Users", "http://[::1/Users"),
        ("http://x", "Users/a#b", "http://x/Users/a#b"),
    ],
)
def test_addresses_of_roots_of_any_form(base: str, path: str, expected: str) -> None:
    assert BulkPaths(base, ["/Users"]).location(path) == expected
