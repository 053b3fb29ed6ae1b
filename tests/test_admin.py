"""The admin: tokens are shown once, secrets never again, and staff see what is theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from django_scim_provider.models import LinkedAccount, ProviderConnection, SCIMToken
from django_scim_provider.models.keys import uuid7
from tests.administration import generate, shown_token, staff, url
from tests.factories import make_account, make_connection, make_token
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db


def test_generated_token_works_and_is_shown_once(root: Client) -> None:
    connection = make_connection()

    page = generate(root, connection, label="x", scopes=["scim.users.read"], expires_in=5)
    token = shown_token(page)

    assert "no-store" in page.headers["Cache-Control"]
    assert SCIMTestClient(token).get("/Users").status == 200
    assert SCIMTestClient(token).get("/Groups").status == 403
    secret, stored = token, SCIMToken.objects.get()
    for address in (
        url(ProviderConnection, "generate_token", connection.pk),
        url(ProviderConnection, "change", connection.pk),
        url(SCIMToken, "change", stored.pk),
        url(SCIMToken, "changelist"),
    ):
        content = root.get(address).content.decode()
        assert secret not in content
        assert stored.secret not in content
    assert not any(secret in str(entry.change_message) for entry in LogEntry.objects.all())
    assert not any(secret in str(cookie) for cookie in root.cookies.values())


def test_asking_for_a_token_generates_none(root: Client) -> None:
    connection = make_connection()

    assert root.get(url(ProviderConnection, "generate_token", connection.pk)).status_code == 200
    assert not SCIMToken.objects.exists()


def hours_left() -> list[int]:
    """Return how long the tokens that end still live, the first one first."""
    ends = SCIMToken.objects.live().values_list("expires_at", flat=True)
    return sorted(round((end - timezone.now()) / timedelta(hours=1)) for end in ends if end)


def test_rotation_leaves_the_old_token_alive_for_a_day(root: Client) -> None:
    old = make_token(provider_id="acme")
    connection = ProviderConnection.objects.get()
    form = root.get(url(ProviderConnection, "generate_token", connection.pk)).content.decode()

    generate(root, connection)

    assert 'name="overlap" value="24"' in form
    assert "goes on working" in form
    assert hours_left() == [24]
    assert SCIMTestClient(old).get("/Users").status == 200


def test_overlap_is_as_long_as_was_said(root: Client) -> None:
    make_token(provider_id="acme")

    generate(root, ProviderConnection.objects.get(), overlap=2)

    assert hours_left() == [2]


def test_token_that_leaked_stops_at_once(root: Client) -> None:
    old = make_token(provider_id="acme")
    connection = ProviderConnection.objects.get()

    new = shown_token(generate(root, connection, overlap=24, at_once="on"))

    assert SCIMTestClient(old).get("/Users").status == 401
    assert SCIMTestClient(new).get("/Users").status == 200


def test_first_token_is_asked_for_without_an_overlap(root: Client) -> None:
    connection = make_connection()

    form = root.get(url(ProviderConnection, "generate_token", connection.pk)).content.decode()

    assert "overlap" not in form
    assert "at_once" not in form


def test_too_many_tokens_are_refused_with_a_reason(root: Client) -> None:
    connection = make_connection()
    for _ in range(5):
        generate(root, connection, overlap=1)

    page = generate(root, connection, overlap=1)

    assert "revoke one" in page.content.decode()
    assert SCIMToken.objects.count() == 5


def test_revoked_token_is_refused(root: Client) -> None:
    wire = make_token()
    token = SCIMToken.objects.get()
    address = url(SCIMToken, "revoke", token.pk)

    asked = root.get(address)
    after_asking = SCIMTestClient(wire).get("/Users").status
    root.post(address)

    assert asked.status_code == 200
    assert (after_asking, SCIMTestClient(wire).get("/Users").status) == (200, 401)


def test_connection_is_made_and_its_id_is_fixed(root: Client) -> None:
    root.post(url(ProviderConnection, "add"), {"provider_id": "acme", "profile": "okta"})
    connection = ProviderConnection.objects.get()

    root.post(
        url(ProviderConnection, "change", connection.pk),
        {"provider_id": "other", "profile": "entra", "name": "Acme", "enabled": "on"},
    )

    connection.refresh_from_db()
    assert (connection.provider_id, connection.profile) == ("acme", "entra")


@pytest.mark.parametrize("provider_id", ["ACME", "a:b", "a\x07b", ""])
def test_bad_provider_id_is_refused(root: Client, provider_id: str) -> None:
    make_connection(provider_id="acme")

    root.post(url(ProviderConnection, "add"), {"provider_id": provider_id, "profile": "okta"})

    assert ProviderConnection.objects.count() == 1


def test_hostile_name_is_escaped(root: Client) -> None:
    make_connection()
    name = "<img src=x onerror=1>"
    key = make_account("acme", {"schemas": [CORE], "userName": name, "displayName": name}, 1)

    for address in (url(LinkedAccount, "changelist"), url(LinkedAccount, "change", key)):
        page = root.get(address)
        assert page.status_code == 200
        assert "<img src=x" not in page.content.decode()


def test_staff_see_their_own_connections_only() -> None:
    everything = [
        f"{action}_{model}"
        for action in ("view", "add", "change", "delete")
        for model in ("providerconnection", "scimtoken", "linkedaccount")
    ]
    me = staff("me", *everything)
    client = Client()
    client.force_login(me)
    mine = make_connection(provider_id="mine", owner=me)
    theirs = make_connection(provider_id="theirs", owner=staff("other"))
    make_token(provider_id="theirs")
    foreign = SCIMToken.objects.get()

    listed = client.get(url(ProviderConnection, "changelist")).content.decode()
    tokens = client.get(url(SCIMToken, "changelist")).content.decode()

    assert "mine" in listed
    assert "theirs" not in listed
    assert "theirs" not in tokens
    assert generate(client, mine).status_code == 200
    assert generate(client, theirs).status_code in (403, 404)
    assert client.post(url(SCIMToken, "revoke", foreign.pk)).status_code in (403, 404)
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_page_needs_its_permission() -> None:
    me = staff("me", "view_providerconnection", "change_providerconnection")
    client = Client()
    client.force_login(me)
    connection = make_connection(owner=me)

    assert generate(client, connection).status_code == 403
    assert not SCIMToken.objects.exists()


@pytest.mark.parametrize("model", [ProviderConnection, SCIMToken, LinkedAccount])
def test_list_takes_the_same_queries_for_any_number_of_rows(
    root: Client, model: type, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        make_token(provider_id=f"c{number}")
        make_account(f"c{number}", {"schemas": [CORE], "userName": f"u{number}"}, number)

    root.get(url(model, "changelist"))  # counts the days that are over, which are kept then

    most = 16 if model is ProviderConnection else 12
    with django_assert_max_num_queries(most):
        assert root.get(url(model, "changelist")).status_code == 200


def test_change_of_hands_ends_the_tokens(root: Client) -> None:
    wire = make_token(provider_id="acme")
    connection = ProviderConnection.objects.get()
    answers = {"profile": "generic", "enabled": "on"}
    address = url(ProviderConnection, "change", connection.pk)

    root.post(address, {**answers, "name": "Acme"})
    renamed = SCIMTestClient(wire).get("/Users").status
    root.post(address, {**answers, "owner": staff("new").pk})

    assert (renamed, SCIMTestClient(wire).get("/Users").status) == (200, 401)


def test_connection_that_staff_make_is_theirs() -> None:
    me = staff("me", "view_providerconnection", "add_providerconnection")
    client = Client()
    client.force_login(me)

    client.post(
        url(ProviderConnection, "add"),
        {"provider_id": "acme", "profile": "okta", "owner": staff("other").pk},
    )

    assert ProviderConnection.objects.get().owner == me


def test_nothing_is_deleted_in_the_admin(root: Client) -> None:
    make_token(provider_id="acme")
    rows = (ProviderConnection.objects.get(), SCIMToken.objects.get())

    for row in rows:
        assert root.post(url(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
        row.refresh_from_db()


def test_state_of_a_token_is_shown(root: Client) -> None:
    make_token(provider_id="acme")
    for ended, state in ((None, "live"), ("expires_at", "expired"), ("revoked_at", "revoked")):
        if ended:
            SCIMToken.objects.update(**{ended: timezone.now()})
        assert f">{state}<" in root.get(url(SCIMToken, "changelist")).content.decode()


def test_page_of_an_unknown_connection_is_404(root: Client) -> None:
    assert root.get(url(ProviderConnection, "generate_token", uuid7())).status_code == 404
