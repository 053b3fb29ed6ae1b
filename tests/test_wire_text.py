"""Texts from the wire that no database must see: NUL, halves of characters, what is far too long.

PostgreSQL refuses NUL in every text; SQLite and MariaDB take it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.cache import caches
from django.db import OperationalError
from django.test import Client, RequestFactory
from django.urls import reverse

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
)
from django_scim_provider.tokens import verification
from tests.administration import url
from tests.factories import make_token
from tests.people import make_user
from tests.scim_client import CORE, GROUP, SEARCH, Answer, SCIMTestClient

pytestmark = pytest.mark.django_db

SECRET = "abcdefgh" + "0123456789" * 4 + "xyz"
BAD = {"nul": "a\x00b", "escaped-nul": "a\\u0000b", "half": "a\\ud800b", "long": "x" * 5000}
bad_text = pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


HOSTILE_TOKENS = {
    "nul-in-lookup": encoded("s\0ecretaaaa:x"),
    "nul-in-secret": encoded(f"{SECRET}\0:acme"),
    "nul-in-provider": encoded(f"{SECRET}:ac\0me"),
    "nul-in-organization": encoded(f"{SECRET}:acme:\0"),
    "other-alphabet": encoded(f"äöü{SECRET}:acme"),
    "punctuation": encoded(f"%_'\"{SECRET}:acme"),
    "short": encoded("abcdefgh12345678:acme"),
    "long-secret": encoded(f"{SECRET * 6}:acme"),
    "long-provider": encoded(f"{SECRET}:{'a' * 300}"),
}


@pytest.mark.parametrize("token", HOSTILE_TOKENS.values(), ids=HOSTILE_TOKENS.keys())
def test_hostile_token_is_401_before_the_database_is_asked(
    token: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        answer = SCIMTestClient(token).get("/Users")

    assert answer.status == 401


@pytest.fixture
def two_failures(settings: Any, scim_settings: Callable[..., None]) -> None:
    """Let an address fail twice in a day."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "wire-text",
        }
    }
    caches["default"].clear()
    scim_settings(THROTTLE_RATES={"failed_authentication": "2/day"})


@pytest.mark.usefixtures("two_failures")
def test_hostile_tokens_are_counted() -> None:
    clients = [SCIMTestClient(token) for token in list(HOSTILE_TOKENS.values())[:3]]

    assert [client.get("/Users").status for client in clients] == [401, 401, 429]


@pytest.mark.usefixtures("two_failures")
def test_token_that_breaks_the_look_up_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    client = SCIMTestClient(encoded(f"{SECRET}:acme"))
    with monkeypatch.context() as patch:
        patch.setattr(verification, "read_token_row", fail)
        broken = [client.get("/Users").status for _ in range(2)]

    assert (broken, client.get("/Users").status) == ([503, 503], 429)


def refusals(answers: list[Answer]) -> set[int]:
    """Return the statuses, none of which may be ours."""
    statuses = {answer.status for answer in answers}
    assert not [status for status in statuses if status >= 500]
    return statuses


@bad_text
def test_filter_is_below_500(scim_client: SCIMTestClient, bad: str) -> None:
    scim_client.create_user("ann", emails=[{"value": "ann@x.example"}])
    names = ("userName", "id", "externalId", "emails.value", "groups.value", "meta.created")
    answers = []
    for name in names:
        for operator in ("eq", "sw", "co"):
            expression = f'{name} {operator} "{bad}"'
            search = {"schemas": [SEARCH], "filter": expression}
            answers += [
                scim_client.find(expression),
                scim_client.request("POST", "/Users/.search", search),
                scim_client.request("POST", "/.search", search),
            ]
    for name in ("members", "members.value", "members.display", "displayName"):
        answers.append(scim_client.find(f'{name} eq "{bad}"', "Groups"))

    assert refusals(answers) <= {200, 400}


@bad_text
def test_path_query_and_headers_are_below_500(scim_client: SCIMTestClient, bad: str) -> None:
    user = scim_client.create_user("ann")
    text = quote(bad)
    parameters = ("cursor", "sortBy", "attributes", "excludedAttributes", "startIndex", "count")
    headers = ("IF_MATCH", "IF_NONE_MATCH", "X_REQUEST_ID", "X_FORWARDED_FOR", "ACCEPT")
    answers = [scim_client.get(f"/Users?{name}={text}") for name in parameters]
    answers += [
        scim_client.request(method, f"/{place}/{text}", {})
        for method in ("GET", "PUT", "PATCH", "DELETE")
        for place in ("Users", "Groups", "Schemas", "ResourceTypes", "Nothing")
    ]
    for name in headers:
        given: dict[str, Any] = {f"HTTP_{name}": bad}
        answers.append(scim_client.get(f"/Users/{user['id']}", **given))
        answers.append(scim_client.patch(f"/Users/{user['id']}", **given))

    refusals(answers)


@bad_text
def test_patch_and_bulk_are_below_500(scim_client: SCIMTestClient, bad: str) -> None:
    user = scim_client.create_user("ann")
    members = [{"value": user["id"]}]
    body = {"schemas": [GROUP], "displayName": "g", "members": members}
    group = scim_client.request("POST", "/Groups", body).json
    paths = (bad, f'members[value eq "{bad}"]', f'members[display eq "{bad}"]')
    operations: list[dict[str, Any]] = [
        {"op": op, "path": path, "value": "x"} for op in ("add", "remove") for path in paths
    ]
    operations.append({"op": "add", "path": "members", "value": [{"value": bad}]})
    answers = [scim_client.patch(f"/Groups/{group['id']}", each) for each in operations]
    data = {"schemas": [CORE], "userName": "bob"}
    for operation in (
        {"method": "DELETE", "path": f"/Users/{bad}"},
        {"method": "DELETE", "path": f"/{bad}/x"},
        {"method": "POST", "path": "/Users", "bulkId": bad, "data": data},
        {"method": "DELETE", "path": f"/Users/{user['id']}", "version": bad},
    ):
        raw = orjson.dumps({"schemas": [BULK], "Operations": [operation]})
        answers.append(scim_client.request("POST", "/Bulk", raw.replace(b"\\\\u", b"\\u")))

    refusals(answers)


@bad_text
def test_management_is_below_500(bad: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_user("ann@x.example"), "django.contrib.auth.backends.ModelBackend")
    lists = {
        "list-events": ("providerId", "action", "resourceType", "resourceId", "requestId", "after"),
        "list-tokens": ("providerId", "label", "live", "page", "pageSize"),
        "list-provider-connections": ("providerId", "organizationId", "profile"),
        "get-provider-connection": ("providerId",),
    }
    replies = [
        client.get(f"/scim/{path}", {name: bad}) for path, names in lists.items() for name in names
    ]
    for path in ("generate-token", "rotate-token", "revoke-token", "delete-provider-connection"):
        for name in ("providerId", "organizationId", "label", "tokenId"):
            raw = orjson.dumps({"providerId": "acme", name: bad}).replace(b"\\\\u", b"\\u")
            replies.append(client.post(f"/scim/{path}", raw, content_type="application/json"))

    assert not [reply for reply in replies if reply.status_code >= 500]


FILTERS = {
    ProviderConnection: ("profile__exact", "owner__username"),
    SCIMToken: ("provider__exact", "label", "revoked_at__gte"),
    LinkedAccount: ("provider__exact", "active__exact"),
    ProvisionedGroup: ("provider__exact",),
    RoleMapping: ("provider__exact", "match_by__exact"),
    ProvisioningEvent: ("outcome__exact", "resource_id", "at__gte"),
}


@pytest.mark.parametrize("model", FILTERS, ids=lambda model: model.__name__)
def test_nul_in_a_filter_of_the_admin_is_no_filter(root: Client, model: Any) -> None:
    make_token()
    lists = url(model, "changelist")

    found = [root.get(lists, {name: "a\x00b"}) for name in FILTERS[model]]
    searched = root.get(lists, {"q": "a\x00b"})
    narrowed = root.get(lists, {"provider": "a\x00b"})

    for page in found:
        assert page.status_code == 302 or model is ProvisioningEvent
        assert page.headers.get("Location", f"{lists}?e=1") == f"{lists}?e=1"
    assert searched.status_code == 200
    own = model is not ProviderConnection  # all other lists are narrowed to a connection
    assert narrowed.status_code == (200 if own else 302)


def test_nul_in_what_is_completed_is_left_out(root: Client, admin_user: Any) -> None:
    make_token(provider_id="acme")
    address = reverse("admin:autocomplete")
    asked = {
        "app_label": "scim_provider",
        "model_name": "rolemapping",
        "field_name": "provider",
        "term": "ac\x00me",
    }
    request = RequestFactory().get(address, asked)
    request.user = admin_user

    answer: Any = AutocompleteJsonView.as_view(admin_site=admin.site)(request)

    assert [each["text"] for each in orjson.loads(answer.content)["results"]] == ["acme"]
