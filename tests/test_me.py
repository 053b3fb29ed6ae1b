"""``/Me`` is another name of the account that the adapter names (RFC 7644 section 3.11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import LinkedAccount
from tests.factories import make_token
from tests.scim_client import CORE, SCIMTestClient

pytestmark = [pytest.mark.django_db, pytest.mark.rfc("7644", "3.11", "MAY")]


class FirstIsMe(DefaultAdapter):
    """The caller is whoever was brought in first."""

    def me(self) -> str | None:
        account = LinkedAccount.objects.of(self.context.provider_id).order_by("pk").first()
        return None if account is None else str(account.pk)


@pytest.fixture
def client(scim_settings: Callable[..., None], db: None) -> SCIMTestClient:
    scim_settings(ADAPTER="tests.test_me.FirstIsMe")
    return SCIMTestClient(make_token())


@pytest.mark.rfc("7644", "3.11", "SHOULD")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
def test_nobody_knows_who_it_is(client: SCIMTestClient, method: str) -> None:
    assert client.request(method, "/Me", {"schemas": [CORE], "userName": "ann"}).status == 501


def test_me_is_read_changed_and_deleted(client: SCIMTestClient) -> None:
    ann, bob = client.create_user("ann"), client.create_user("bob")
    own = ann["meta"]["location"]

    read = client.get("/Me?attributes=userName")
    patched = client.patch("/Me", {"op": "add", "path": "title", "value": "Dr"})
    replaced = client.request("PUT", "/Me/", {"schemas": [CORE], "userName": "anna"})
    posted = client.request("POST", "/Me", {"schemas": [CORE], "userName": "eve"})
    deleted = client.request("DELETE", "/Me")

    assert read.json["userName"] == "ann"
    assert [read.headers["Location"], patched.headers["Location"]] == [own, own]
    assert (patched.json["id"], patched.json["title"]) == (ann["id"], "Dr")
    assert (replaced.json["id"], replaced.json["userName"]) == (ann["id"], "anna")
    assert (posted.status, deleted.status) == (501, 204)
    assert client.get("/Me").json["id"] == bob["id"]


def test_scope_and_preconditions_hold(client: SCIMTestClient) -> None:
    client.create_user("ann")
    stale = client.request("DELETE", "/Me", HTTP_IF_MATCH='W/"9"')
    reader = SCIMTestClient(make_token(scopes=["scim.users.read"]))

    assert stale.status == 412
    assert reader.get("/Me").status == 200
    assert reader.request("DELETE", "/Me").status == 403
    assert SCIMTestClient(None).get("/Me").status == 401
