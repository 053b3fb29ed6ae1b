"""What a request says beside its token, method and path changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import LinkedAccount
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.cache.FetchFromCacheMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
"""All that Django ships and that may touch an answer, in the order of its documentation."""


@pytest.mark.parametrize(
    "header", ["HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD"]
)
@pytest.mark.parametrize("query", ["", "?_method=DELETE"])
def test_method_is_the_one_of_the_request(
    scim_client: SCIMTestClient, header: str, query: str
) -> None:
    user = scim_client.create_user("ann@x.example")

    override: dict[str, Any] = {header: "DELETE"}
    answer = scim_client.get(f"/Users/{user['id']}{query}", **override)

    assert (answer.status, answer.json) == (200, user)
    assert LinkedAccount.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"HTTP_X_FORWARDED_PROTO": "ftp"},
        {"HTTP_X_FORWARDED_PREFIX": "/evil"},
        {"HTTP_X_ORIGINAL_URL": "/evil"},
    ],
)
def test_addresses_do_not_follow_headers_of_proxies(
    scim_client: SCIMTestClient, headers: dict[str, Any]
) -> None:
    body = {"schemas": [CORE], "userName": "ann@x.example"}

    answer = scim_client.request("POST", "/Users", body, **headers)

    assert answer.headers["Location"] == answer.json["meta"]["location"]
    assert answer.headers["Location"].startswith("http://testserver/scim/v2/Users/")


def test_host_that_the_project_does_not_serve_is_refused(
    scim_client: SCIMTestClient, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.MIDDLEWARE = []  # CommonMiddleware would refuse before, in HTML
    user = scim_client.create_user("ann@x.example")

    answer = scim_client.get(f"/Users/{user['id']}", HTTP_HOST="evil.example")

    assert (answer.status, answer.json["status"]) == (400, "400")
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("path", ["/Users", "/Users/{id}", "/Groups", "/Schemas", "/nowhere"])
def test_answers_are_kept_by_nobody_and_set_nothing(scim_client: SCIMTestClient, path: str) -> None:
    user = scim_client.create_user("ann@x.example")

    headers = scim_client.get(path.format(id=user["id"]), HTTP_ORIGIN="https://x.example").headers

    assert headers["Cache-Control"] == "no-store, private"
    assert "Authorization" in headers["Vary"]
    assert not [name for name in headers if name.lower().startswith("access-control-")]
    assert "Set-Cookie" not in headers


def test_all_middlewares_of_django_leave_answers_as_they_are(
    scim_client: SCIMTestClient, settings: Any
) -> None:
    plain = _conversation(scim_client, "ann@x.example")
    settings.MIDDLEWARE = MIDDLEWARE

    guarded = _conversation(SCIMTestClient(scim_client.token), "bob@x.example")

    assert guarded == plain == [201, 200, 304, 200, 412, 200, 200, 204, 404]


def _conversation(client: SCIMTestClient, name: str) -> list[int]:
    """Return the statuses of a life; each answer is what was stored, whatever came before."""
    user = client.create_user(name)
    path, version = f"/Users/{user['id']}", user["meta"]["version"]
    title = {"op": "replace", "path": "title", "value": "Dr."}
    read = client.get(path)
    answers = [
        read,
        client.get(path, HTTP_IF_NONE_MATCH=version),
        client.patch(path, title, HTTP_IF_MATCH=version),
        client.patch(path, title, HTTP_IF_MATCH=version),
        client.get(path),
        client.find(f'userName eq "{name}"'),
        client.request("DELETE", path),
        client.get(path),
    ]
    assert read.json == user
    assert read.headers["ETag"] == version
    assert answers[4].json["title"] == "Dr."
    assert answers[5].json["totalResults"] == 1
    return [201, *(answer.status for answer in answers)]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('userName co "%"', []),
        ('userName co "_"', []),
        ('userName sw "a_n"', []),
        ('userName co "\\\\"', []),
        ('displayName co "100%"', ["ann@x.example"]),
        ('displayName sw "1_0"', []),
        ('displayName eq "100\' OR 1=1 --"', []),
    ],
)
def test_text_of_a_filter_is_meant_literally(
    scim_client: SCIMTestClient, expression: str, found: list[str]
) -> None:
    scim_client.create_user("ann@x.example", displayName="100% sure")

    answer = scim_client.find(expression)

    assert [each["userName"] for each in answer.json.get("Resources", [])] == found


@pytest.mark.parametrize(
    "expression",
    [
        'userName eq "{}"',
        'externalId eq "{}"',
        'emails.value co "{}"',
        'emails[value sw "{}" and type eq "work"]',
        'name.familyName ew "{}" or title ne "{}"',
        'not (phoneNumbers.value co "{}")',
        'groups.display eq "{}"',
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq " + '"{}"',
    ],
)
def test_text_of_a_filter_is_a_parameter_of_its_statement(
    scim_client: SCIMTestClient, expression: str
) -> None:
    hostile = "zq'; DROP TABLE zq --"
    statements: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        statements.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note), CaptureQueriesContext(connection):
        answer = scim_client.find(expression.replace("{}", hostile))

    assert (answer.status, len(statements) > 1) == (200, True)
    assert not [sql for sql in statements if "zq" in sql]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
def test_slash_at_the_end_changes_nothing(
    scim_client: SCIMTestClient, settings: Any, method: str
) -> None:
    settings.DEBUG = True
    user = scim_client.create_user("ann@x.example")
    path = "/Users" if method == "POST" else f"/Users/{user['id']}"
    bodies: dict[str, Any] = {
        "POST": {"schemas": [CORE], "userName": "bob@x.example"},
        "PUT": {"schemas": [CORE], "userName": "ann@x.example"},
        "PATCH": {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "Dr."}],
        },
    }

    answer = scim_client.request(method, f"{path}/", bodies.get(method))

    assert answer.status == {"POST": 201, "DELETE": 204}.get(method, 200)
