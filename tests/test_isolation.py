"""Two connections never see each other: by id, filter, search, sort, reference or error text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make_token
from tests.scim_client import CORE, GROUP, SEARCH, SCIMTestClient

pytestmark = pytest.mark.django_db

UNKNOWN = "019aaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"


@pytest.fixture
def mine() -> SCIMTestClient:
    return SCIMTestClient(make_token(provider_id="mine"))


@pytest.fixture
def theirs() -> SCIMTestClient:
    return SCIMTestClient(make_token(provider_id="theirs"))


@pytest.fixture
def foreign(theirs: SCIMTestClient) -> dict[str, Any]:
    """Return a user of the other connection."""
    return theirs.create_user(
        "secret@x.example",
        externalId="secret-id",
        title="Secret",
        emails=[{"value": "secret@x.example", "type": "work"}],
    )


def without_id(text: str, id: str) -> str:
    return text.replace(id, "ID")


@pytest.mark.parametrize("kind", ["Users", "Groups"])
@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [
        pytest.param("GET", None, {}, id="get"),
        pytest.param("GET", None, {"HTTP_IF_NONE_MATCH": "*"}, id="get-if-none-match"),
        pytest.param("PUT", {"schemas": [CORE], "userName": "x"}, {}, id="put"),
        pytest.param(
            "PUT", {"schemas": [CORE], "userName": "x"}, {"HTTP_IF_MATCH": "*"}, id="put-if-match"
        ),
        pytest.param(
            "PATCH",
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "displayName", "value": "x"}],
            },
            {},
            id="patch",
        ),
        pytest.param("DELETE", None, {}, id="delete"),
        pytest.param("DELETE", None, {"HTTP_IF_MATCH": 'W/"1"'}, id="delete-if-match"),
    ],
)
def test_foreign_resource_answers_like_one_that_does_not_exist(
    mine: SCIMTestClient,
    theirs: SCIMTestClient,
    foreign: dict[str, Any],
    kind: str,
    method: str,
    body: Any,
    headers: dict[str, Any],
) -> None:
    id = foreign["id"]
    if kind == "Groups":
        id = theirs.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"}).json["id"]
        body = {"schemas": [GROUP], "displayName": "x"} if method == "PUT" else body

    found = mine.request(method, f"/{kind}/{id}", body, **headers)
    missing = mine.request(method, f"/{kind}/{UNKNOWN}", body, **headers)

    assert found.status == missing.status == 404
    assert without_id(found.text, id) == without_id(missing.text, UNKNOWN)
    assert theirs.get(f"/{kind}/{id}").status == 200


@pytest.mark.parametrize(
    "expression",
    [
        'userName eq "secret@x.example"',
        'externalId eq "secret-id"',
        'emails.value eq "secret@x.example"',
        'emails[type eq "work" and value co "secret"]',
        'title eq "Secret" or userName pr',
        'not (userName eq "x")',
        'id ne "x" or id pr',
        'meta.created gt "2000-01-01T00:00:00Z" or active eq true',
        'userName eq "x") or (userName pr',
    ],
)
def test_no_filter_reaches_another_connection(
    mine: SCIMTestClient, foreign: dict[str, Any], expression: str
) -> None:
    listed = mine.find(expression)
    searched = mine.request("POST", "/Users/.search", {"schemas": [SEARCH], "filter": expression})

    for answer in (listed, searched):
        assert "ecret" not in answer.text.replace(expression, "")
        assert answer.status == 400 or answer.json["totalResults"] == 0


def test_taken_name_of_another_connection_tells_nothing_of_it(
    mine: SCIMTestClient, foreign: dict[str, Any]
) -> None:
    body = {"schemas": [CORE], "userName": "SECRET@x.example"}

    answer = mine.request("POST", "/Users", body)

    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert foreign["id"] not in answer.text
    assert mine.get("/Users").json["totalResults"] == 0


def test_same_external_id_in_two_connections_is_no_conflict(
    mine: SCIMTestClient, foreign: dict[str, Any]
) -> None:
    created = mine.create_user("other@x.example", externalId=foreign["externalId"])

    assert mine.find('externalId eq "secret-id"').json["Resources"][0]["id"] == created["id"]


def test_foreign_member_is_refused_like_one_that_does_not_exist(
    mine: SCIMTestClient, foreign: dict[str, Any]
) -> None:
    def create(member: str) -> tuple[int, str]:
        body = {"schemas": [GROUP], "displayName": "g", "members": [{"value": member}]}
        answer = mine.request("POST", "/Groups", body)
        return answer.status, without_id(answer.text, member)

    assert create(foreign["id"]) == create(UNKNOWN)
    assert create(UNKNOWN)[0] == 400
    assert mine.get("/Groups").json["totalResults"] == 0


def test_cursor_of_another_connection_is_refused(
    mine: SCIMTestClient, theirs: SCIMTestClient, foreign: dict[str, Any]
) -> None:
    theirs.create_user("second@x.example")
    cursor = theirs.get("/Users?cursor&count=1").json["nextCursor"]

    answer = mine.get(f"/Users?cursor={cursor}&count=1")

    assert (answer.status, answer.json["scimType"]) == (400, "invalidCursor")


def test_id_in_the_body_selects_nothing(mine: SCIMTestClient, foreign: dict[str, Any]) -> None:
    own = mine.create_user("own@x.example")
    body = {"schemas": [CORE], "id": foreign["id"], "userName": "own@x.example", "title": "New"}

    answer = mine.request("PUT", f"/Users/{own['id']}", body)

    assert (answer.json["id"], answer.json["title"]) == (own["id"], "New")
