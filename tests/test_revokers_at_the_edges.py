"""Revokers on every way to deactivate, when one fails, and beside requests of the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connections
from django.test import Client
from oauth2_provider.models import DeviceGrant, IDToken, RefreshToken

from django_scim_provider.conf import DEFAULT_REVOKERS
from tests.people import connect, host_user, post, set_active
from tests.scim_client import CORE, PATCH, SCIMTestClient
from tests.test_revokers import (
    HELD,
    MODEL_BACKEND,
    Knock,
    in_an_hour,
    oauth_refresh,
    session,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.test_revokers")]

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def delete(client: SCIMTestClient, user: dict[str, Any]) -> int:
    return client.request("DELETE", f"/Users/{user['id']}").status


def put(client: SCIMTestClient, user: dict[str, Any]) -> int:
    body = {"schemas": [CORE], "userName": user["userName"], "active": False}
    return client.request("PUT", f"/Users/{user['id']}", body).status


def bulk(client: SCIMTestClient, user: dict[str, Any]) -> int:
    change = {"op": "replace", "path": "active", "value": False}
    operation = {
        "method": "PATCH",
        "path": f"/Users/{user['id']}",
        "data": {"schemas": [PATCH], "Operations": [change]},
    }
    body = {"schemas": [BULK], "Operations": [operation]}
    return int(client.request("POST", "/Bulk", body).json["Operations"][0]["status"])


def person(client: SCIMTestClient, name: str, *, password: bool = True) -> dict[str, Any]:
    """Return a user that provisioning made, and who set a password since."""
    made: dict[str, Any] = post(client, name).json
    if password:
        user = host_user(made)
        user.set_password("own")
        user.save()
    return made


@pytest.mark.parametrize("way", [delete, put, bulk], ids=lambda way: str(way.__name__))
@pytest.mark.parametrize("kind", [*HELD, oauth_refresh], ids=lambda kind: str(kind.__name__))
@pytest.mark.parametrize("password", [False, True], ids=["no-password", "password"])
def test_every_way_to_deactivate_ends_what_was_held(
    scim_settings: Any,
    way: Callable[[SCIMTestClient, dict[str, Any]], int],
    kind: Callable[[Any], Knock],
    password: bool,
) -> None:
    scim_settings(DEPROVISION="deactivate")
    client = connect()
    ann = person(client, "ann@x.example", password=password)
    user = host_user(ann)
    knock = kind(user)

    status = way(client, ann)
    closed = knock()
    user.refresh_from_db()
    was_active, user.is_active = user.is_active, True
    user.save()

    assert status in (200, 204)
    assert not was_active
    assert closed in (400, 401, 403)
    assert knock() in (400, 401, 403)


def test_nothing_of_oauth_is_left_and_all_of_another_user() -> None:
    client = connect()
    people = [person(client, f"{name}@x.example") for name in ("ann", "bob")]
    ann, bob = (host_user(made) for made in people)
    for user in (ann, bob):
        oauth_refresh(user)
        app = RefreshToken.objects.get(user=user).application
        IDToken.objects.create(user=user, application=app, expires=in_an_hour())
        DeviceGrant.objects.create(
            user=user,
            device_code=f"device-{user.pk}",
            user_code=f"user-{user.pk}",
            client_id="client",
            expires=in_an_hour(),
        )

    set_active(client, people[0], False)

    for model in (RefreshToken, IDToken, DeviceGrant):
        assert [row.user for row in model.objects.all()] == [bob]


@pytest.mark.parametrize("engine", ["db", "cached_db", "cache"])
def test_sessions_that_allauth_noted_end_by_themselves(
    settings: Any, scim_settings: Any, engine: str
) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    scim_settings(REVOKERS=["django_scim_provider.revokers.revoke_allauth_usersessions"])
    client = connect()
    people = [person(client, f"{name}@x.example") for name in ("ann", "bob")]
    browsers = [Client(), Client()]
    for browser, made in zip(browsers, people, strict=True):
        browser.force_login(host_user(made), backend=MODEL_BACKEND)
        key = browser.session.session_key
        UserSession.objects.create(
            user=host_user(made), ip="192.0.2.1", session_key=key, user_agent="x"
        )

    set_active(client, people[0], False)
    set_active(client, people[0], True)

    assert [browser.get("/who").status_code for browser in browsers] == [401, 200]
    assert UserSession.objects.get().user == host_user(people[1])


def failing(**_: Any) -> None:
    raise RuntimeError("the project's own")


def test_failing_revoker_gives_back_what_the_others_ended(scim_settings: Any) -> None:
    client = connect()
    ann = person(client, "ann@x.example")
    knocks = [kind(host_user(ann)) for kind in HELD]
    scim_settings(REVOKERS=[*DEFAULT_REVOKERS, "tests.test_revokers_at_the_edges.failing"])

    refused = set_active(client, ann, False)
    still_active = client.get(f"/Users/{ann['id']}").json["active"], host_user(ann).is_active
    still_open = [knock() for knock in knocks]
    scim_settings(REVOKERS=list(DEFAULT_REVOKERS))
    later = set_active(client, ann, False)

    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert still_active == (True, True)
    assert still_open == [200] * len(HELD)
    assert later.status == 200
    assert all(knock() in (400, 401, 403) for knock in knocks)


MEANWHILE: list[Knock] = []
SEEN: list[int] = []


def knocking(**_: Any) -> None:
    """Let the browser ask before the commit, on a database connection of its own."""

    def ask() -> int:
        try:
            return MEANWHILE[0]()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        SEEN.append(pool.submit(ask).result())


@pytest.mark.parametrize("engine", ["db", "cached_db"])
def test_session_that_was_read_before_the_commit_does_not_come_back(
    settings: Any, scim_settings: Any, engine: str
) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    own = "tests.test_revokers_at_the_edges.knocking"
    scim_settings(REVOKERS=["django_scim_provider.revokers.revoke_sessions", own])
    client = connect()
    ann = person(client, "ann@x.example")
    MEANWHILE[:], SEEN[:] = [session(host_user(ann))], []

    set_active(client, ann, False)
    closed = MEANWHILE[0]()
    set_active(client, ann, True)

    assert SEEN == [200]
    assert closed == 401
    assert MEANWHILE[0]() == 401
