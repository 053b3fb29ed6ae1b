"""Closing a connection for good: at once for its tokens, in batches for its users."""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import connection as database
from django.db import connections, transaction

from django_scim_provider.connections.decommission import Decommissioning, decommission
from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore
from django_scim_provider.tokens.service import generate_scim_token
from tests.factories import make_token
from tests.lifecycle.test_returning import link_again
from tests.parallel import kill_half_way
from tests.people import connect, host_user, make_user, post, set_active
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership

HALF = """
import django
django.setup()
from django_scim_provider.models import ProviderConnection
from django_scim_provider.connections.decommission import decommission
from django_scim_provider.storage.users.host_users import HostUsers
revoke, revoked = HostUsers.revoke, []
def half_way(self, user):
    revoke(self, user)
    revoked.append(user)
    if len(revoked) == 5:
        print("half", flush=True)
        signal.pause()
HostUsers.revoke = half_way
decommission(ProviderConnection.objects.get(provider_id="acme"), batch_size=2)
"""


def acme() -> ProviderConnection:
    return ProviderConnection.objects.get(provider_id="acme")


@pytest.mark.django_db
def test_users_lose_what_the_connection_gave_and_accounts_stay() -> None:
    client, other = connect(organization_id="corp"), connect("other")
    ann, bob, eve = (post(client, f"{name}@x.example").json for name in ("ann", "bob", "eve"))
    link_again(bob, "other")
    get_user_model()._default_manager.filter(username="eve@x.example").update(is_staff=True)
    seen: list[tuple[int, int]] = []

    done = decommission(acme(), batch_size=2, progress=lambda now: seen.append(as_pair(now)))

    assert (done.total, done.released, done.protected) == (3, 3, 1)
    assert seen == [(2, 3), (3, 3)]
    assert [host_user(user).is_active for user in (ann, bob, eve)] == [False, True, True]
    assert [row.user for row in Membership.objects.all()] == [host_user(eve)]
    assert LinkedAccount.objects.filter(provider=acme()).count() == 3
    assert client.get("/Users").status == 401
    assert other.get("/Users").json["totalResults"] == 1
    heir = LinkedAccount.objects.get(provider__provider_id="other")
    assert (heir.manages_profile, heir.created_user) == (True, False)


def as_pair(now: Decommissioning) -> tuple[int, int]:
    return now.released, now.total


@pytest.mark.django_db
def test_access_can_be_kept() -> None:
    client = connect(organization_id="corp")
    ann = post(client, "ann@x.example").json

    decommission(acme(), keep_access=True)

    assert host_user(ann).is_active
    assert Membership.objects.get().is_active


@pytest.mark.django_db
def test_provider_id_comes_back_to_life_for_its_owner_only() -> None:
    owner, stranger = make_user("owner"), make_user("stranger")
    client = connect(owner=owner)
    ann = post(client, "ann@x.example").json
    decommission(acme())

    for arguments in ({}, {"owner": stranger}, {"organization_id": "corp"}):
        with pytest.raises(PermissionDenied):
            generate_scim_token("acme", **arguments)
    again = SCIMTestClient(make_token(provider_id="acme", owner=owner))
    closed = host_user(ann).is_active
    body = {"schemas": ann["schemas"], "userName": "ann@x.example", "active": True}
    answer = again.request("PUT", f"/Users/{ann['id']}", body)

    assert closed is False
    assert (answer.status, host_user(ann).is_active) == (200, True)
    assert LinkedAccount.objects.get().released_at is None


@pytest.mark.django_db
def test_released_account_comes_back_by_a_new_post_whatever_the_profile() -> None:
    client = connect(organization_id="corp")
    ann = post(client, "ann@x.example").json
    decommission(acme())
    again = SCIMTestClient(make_token(provider_id="acme", organization_id="corp"))
    unseen = again.get(f"/Users/{ann['id']}").status

    answer = post(again, "ann@x.example")

    assert unseen == 404
    assert (answer.status, answer.json["id"]) == (200, ann["id"])
    assert host_user(ann).is_active
    assert Membership.objects.get().is_active


@pytest.mark.django_db
def test_second_run_does_nothing() -> None:
    client = connect()
    post(client, "ann@x.example")
    decommission(acme())
    before = list(LinkedAccount.objects.values())

    done = decommission(acme())

    assert (done.total, done.released) == (1, 1)
    assert list(LinkedAccount.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_killed_decommissioning_goes_on_where_it_was() -> None:
    client = connect()
    users = [post(client, f"user{number}@x.example").json for number in range(10)]

    kill_half_way(HALF)
    states = [
        (account.released_at is None, account.user.is_active)
        for account in LinkedAccount.objects.select_related("user")
    ]
    refused = client.get("/Users").status
    done = decommission(acme())

    assert set(states) == {(True, True), (False, False)}
    assert states.count((False, False)) % 2 == 0
    assert refused == 401
    assert (done.total, done.released) == (10, 10)
    assert not any(host_user(user).is_active for user in users)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["PATCH", "DELETE", "POST"])
def test_write_that_is_under_way_is_waited_for_or_refused(
    monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The token is verified, then the connection is closed, then the write begins."""
    client = connect()
    ann = post(client, "ann@x.example").json
    before = list(LinkedAccount.objects.values())
    name = {"PATCH": "update", "DELETE": "delete", "POST": "create"}[method]
    original: Any = getattr(UserStore, name)

    def close_first(self: UserStore, *args: Any) -> Any:
        close_connection(acme())
        return original(self, *args)

    monkeypatch.setattr(UserStore, name, close_first)
    if method == "POST":
        answer = post(client, "bob@x.example")
    elif method == "PATCH":
        answer = set_active(client, ann, False)
    else:
        answer = client.request("DELETE", f"/Users/{ann['id']}")

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert list(LinkedAccount.objects.values()) == before
    assert host_user(ann).is_active


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    database.vendor == "sqlite", reason="SQLite has one writer at a time, so none is under way"
)
def test_closing_waits_for_a_write_that_is_under_way() -> None:
    client = connect()
    ann = post(client, "ann@x.example").json
    store = UserStore(context_of(acme()))
    writing, order = Event(), []

    def write() -> None:
        try:
            with transaction.atomic():
                store.update(ann["id"], lambda stored: {**stored.resource(), "title": "T"})
                writing.set()
                time.sleep(0.5)
                order.append("written")
        finally:
            connections.close_all()

    thread = Thread(target=write)
    thread.start()
    assert writing.wait(20)
    close_connection(acme())
    order.append("closed")
    thread.join()

    assert order == ["written", "closed"]
    assert "title" in LinkedAccount.objects.get().resource


def context_of(connection: ProviderConnection) -> Any:
    return StoreContext(provider_id=connection.provider_id)


@pytest.mark.django_db
def test_connection_whose_owner_is_closed_or_gone_opens_nothing() -> None:
    owner = make_user("owner")
    client = connect(owner=owner)
    post(client, "ann@x.example")

    get_user_model()._default_manager.filter(pk=owner.pk).update(is_active=False)
    closed = client.get("/Users").status
    get_user_model()._default_manager.filter(pk=owner.pk).update(is_active=True)
    opened = client.get("/Users").status
    owner.delete()

    assert (closed, opened, client.get("/Users").status) == (401, 200, 401)
    assert acme().tokens.get().revoked_at is not None
