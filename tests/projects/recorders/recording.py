"""What packages that record changes see of SCIM requests; run by ``tests.projects``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.db.models.signals import post_save
from reversion.models import Revision

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount
from django_scim_provider.tokens import verification
from tests.factories import make_token
from tests.scim_client import CORE, PATCH, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
User: Any = get_user_model()
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


class LastIsMe(DefaultAdapter):
    """The caller is whoever was brought in last."""

    def me(self) -> str | None:
        return str(LinkedAccount.objects.of(self.context.provider_id).latest("pk").pk)


@pytest.fixture(params=["without a cookie", "with a session"])
def client(request: pytest.FixtureRequest, db: None) -> SCIMTestClient:
    """Return a client, in one case from a browser in which a superuser is logged in."""
    client = SCIMTestClient(make_token())
    if request.param == "with a session":
        client.client.force_login(User.objects.create_superuser("root", "root@x.example", "x"))
    User.history.all().delete()
    LogEntry.objects.all().delete()
    return client


def put(client: SCIMTestClient, path: str, name: str) -> int:
    return client.request("PUT", path, {"schemas": [CORE], "userName": name}).status


def changed_everywhere(client: SCIMTestClient) -> list[int]:
    """Change users in all ways that there are; return the statuses."""
    ann, bob = client.create_user("ann")["id"], client.create_user("bob")["id"]
    title = {"op": "add", "path": "name.givenName", "value": "Ann"}
    data = {"schemas": [CORE], "userName": "eve"}
    patch = {"schemas": [PATCH], "Operations": [title]}
    bulk = {
        "schemas": [BULK],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "1", "data": data},
            {"method": "PATCH", "path": "/Users/bulkId:1", "data": patch},
            {"method": "DELETE", "path": f"/Users/{bob}"},
        ],
    }
    answer = client.request("POST", "/Bulk", bulk)
    inner = [int(each["status"]) for each in answer.json["Operations"]]
    statuses = [
        client.patch(f"/Users/{ann}", title).status,
        put(client, f"/Users/{ann}", "anna"),
        client.patch("/Me", title).status,
        put(client, "/Me", "evelyn"),
        client.request("DELETE", "/Me").status,
        client.request("DELETE", f"/Users/{ann}").status,
    ]
    return [answer.status, *inner, *statuses]


def test_all_changes_are_recorded_and_nobody_made_them(
    client: SCIMTestClient, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ADAPTER="tests.projects.recorders.recording.LastIsMe")
    seen: list[Any] = []

    def note(**sent: Any) -> None:
        seen.append(sent["instance"].changed_by)

    post_save.connect(note, sender=User)

    statuses = changed_everywhere(client)
    post_save.disconnect(note, sender=User)

    assert statuses == [200, 201, 200, 204, 200, 200, 200, 200, 204, 204]
    assert set(seen) == {None}
    history = User.history.values_list("history_type", "history_user")
    assert {kind for kind, _ in history} == {"+", "~", "-"}
    assert {user for _, user in history} == {None}
    log = LogEntry.objects.values_list("action", "actor", "actor_email")
    assert {action for action, *_ in log} == {0, 1, 2}
    assert {tuple(who) for _, *who in log} == {(None, None)}
    assert Revision.objects.exists()
    assert set(Revision.objects.values_list("user", flat=True)) == {None}


@pytest.fixture
def requests() -> Iterator[list[Any]]:
    """Yield the users of the requests that error trackers were told of."""
    seen: list[Any] = []

    def note(**sent: Any) -> None:
        seen.append(sent["request"].user)

    got_request_exception.connect(note)
    yield seen
    got_request_exception.disconnect(note)


def test_nobody_is_there_in_failures(
    client: SCIMTestClient, requests: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(verification, "read_token_row", fail)
        unproven = client.get("/Users")
    with monkeypatch.context() as patch:
        patch.setattr(User, "save", fail)
        proven = client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})

    assert (unproven.status, proven.status) == (503, 503)
    assert [type(user) for user in requests] == [AnonymousUser, AnonymousUser]


@pytest.mark.parametrize("token", [None, "bad", "good"])
def test_request_of_middlewares_has_no_user(client: SCIMTestClient, token: str | None) -> None:
    sent = client.token if token == "good" else token
    headers: Any = {} if sent is None else {"HTTP_AUTHORIZATION": f"Bearer {sent}"}

    answer = client.client.get("/scim/v2/Users", **headers)

    assert answer.status_code == (200 if token == "good" else 401)
    assert isinstance(answer.wsgi_request.user, AnonymousUser)
