"""The page of notices: who may do what to webhooks, and what is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.connections.recent_login import SESSION_KEY
from django_scim_provider.models import (
    Notice,
    OutboxMessage,
    ProviderConnection,
    ProvisioningEvent,
    WebhookEndpoint,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc_now
from django_scim_provider.storage.announcing.outbox_rows import message_row, store_messages
from tests.administration import logged_in, staff, url
from tests.factories import make_connection

pytestmark = pytest.mark.django_db

MAY = ("view_providerconnection", "manage_webhooks")


@pytest.fixture(autouse=True)
def allowed(scim_settings: Any) -> None:
    scim_settings(WEBHOOK_ALLOWED_HOSTS=["localhost"])


@pytest.fixture
def acme() -> ProviderConnection:
    return make_connection(organization_id="acme")


@pytest.fixture
def client(acme: ProviderConnection) -> Client:
    return logged_in(staff("joe", *MAY))


def page(connection: ProviderConnection) -> str:
    return url(ProviderConnection, "notices", connection.pk)


def add(client: Client, connection: ProviderConnection, **answers: Any) -> Any:
    given = {
        "action": "add",
        "key": uuid7(),
        "address": "https://localhost/hook",
        "kinds": ["user.provisioned", "group.changed"],
        **answers,
    }
    return client.post(page(connection), given)


def shown_secret(answer: Any) -> str | None:
    found = re.search(r'id="scim-webhook-secret" value="([^"]+)"', answer.content.decode())
    return found and found.group(1)


def act(client: Client, connection: ProviderConnection, action: str, **more: Any) -> Any:
    endpoint = more.pop("endpoint", None) or WebhookEndpoint.objects.get().pk
    return client.post(page(connection), {"action": action, "endpoint": endpoint, **more})


def age_log_in(client: Client) -> None:
    session = client.session
    session[SESSION_KEY] = utc_now().timestamp() - 601
    session.save()


def give_up(endpoint: WebhookEndpoint, connection: ProviderConnection, number: int) -> None:
    rows = [
        message_row(
            endpoint.pk, connection.provider_id, "user.updated", utc_now(), subject=f"s{n}", data={}
        )
        for n in range(number)
    ]
    store_messages("default", rows)
    OutboxMessage.objects.update(state="dead", last_status=500, attempts=16)


def test_a_webhook_is_added_and_its_secret_shown_once(
    client: Client, acme: ProviderConnection
) -> None:
    key = uuid7()

    answer = add(client, acme, key=key)

    secret = shown_secret(answer)
    assert secret is not None
    assert answer["Cache-Control"].startswith("no-store, private")
    assert answer["Referrer-Policy"] == "no-referrer"
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.chosen_kinds == ("group.changed", "user.provisioned")
    event = ProvisioningEvent.objects.get(action="create_webhook")
    assert str(event.actor) == "joe"
    assert event.resource_id == str(endpoint.pk)
    assert secret not in str(LogEntry.objects.values_list("change_message", flat=True))
    again = add(client, acme, key=key)
    assert shown_secret(again) is None
    assert WebhookEndpoint.objects.count() == 1
    assert secret not in client.get(page(acme)).content.decode()


@pytest.mark.parametrize(
    "address", ["http://localhost/", "https://127.0.0.1/", "https://10.0.0.1/"]
)
def test_addresses_that_are_not_allowed_are_refused(
    client: Client, acme: ProviderConnection, address: str
) -> None:
    answer = add(client, acme, address=address)

    assert shown_secret(answer) is None
    assert not WebhookEndpoint.objects.exists()
    assert "errornote" in answer.content.decode()


def test_a_rotation_is_made_once(client: Client, acme: ProviderConnection) -> None:
    add(client, acme)
    known = re.search(r'name="known" value="(\w+)"', client.get(page(acme)).content.decode())
    assert known is not None
    before = WebhookEndpoint.objects.get().secret

    assert shown_secret(act(client, acme, "rotate", known=known.group(1))) is not None
    assert shown_secret(act(client, acme, "rotate", known=known.group(1))) is None

    assert WebhookEndpoint.objects.get().previous_secret == before


def test_addresses_and_secrets_need_a_recent_log_in(
    client: Client, acme: ProviderConnection
) -> None:
    add(client, acme)
    age_log_in(client)

    assert add(client, acme).status_code == 403
    assert act(client, acme, "rotate").status_code == 403
    shown = client.get(page(acme)).content.decode()
    assert 'value="log_in"' in shown
    assert "Rotate the secret" not in shown
    answer = client.post(page(acme), {"action": "log_in"})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/login/?next={page(acme)}")
    assert client.get(page(acme)).status_code == 302
    assert WebhookEndpoint.objects.count() == 1


def test_a_webhook_is_disabled_enabled_tested_and_removed(
    client: Client, acme: ProviderConnection
) -> None:
    add(client, acme)

    act(client, acme, "test")
    assert OutboxMessage.objects.get().kind == "webhook.test"
    act(client, acme, "disable")
    assert not WebhookEndpoint.objects.get().enabled
    act(client, acme, "enable")
    assert WebhookEndpoint.objects.get().enabled
    act(client, acme, "remove")
    assert not WebhookEndpoint.objects.exists()
    assert not OutboxMessage.objects.exists()
    actions = set(ProvisioningEvent.objects.values_list("action", flat=True))
    assert actions == {"create_webhook", "disable_webhook", "enable_webhook", "delete_webhook"}


def test_what_was_given_up_is_shown_and_sent_again(
    client: Client, acme: ProviderConnection
) -> None:
    add(client, acme)
    give_up(WebhookEndpoint.objects.get(), acme, 3)
    one = OutboxMessage.objects.earliest("pk")

    assert "answered with 500" in client.get(page(acme)).content.decode()
    act(client, acme, "resend", message=one.pk)
    assert OutboxMessage.objects.filter(state="waiting").get() == one
    act(client, acme, "resend")
    assert OutboxMessage.objects.filter(state="waiting", attempts=0).count() == 3


@pytest.mark.parametrize("permissions", [(), MAY[:1], MAY[1:]], ids=["none", "view", "manage"])
def test_both_permissions_are_needed(
    acme: ProviderConnection, permissions: tuple[str, ...]
) -> None:
    client = logged_in(staff("eve", *permissions))

    assert client.get(page(acme)).status_code == 403
    assert add(client, acme).status_code == 403


def test_connections_of_others_are_out_of_sight() -> None:
    owner = get_user_model()._default_manager.create(username="owner")
    connection = make_connection(provider_id="own", owner=owner)
    client = logged_in(staff("eve", *MAY))

    assert add(client, connection).status_code in (302, 404)
    assert not WebhookEndpoint.objects.exists()


def test_webhooks_of_another_connection_are_not_found(
    client: Client, acme: ProviderConnection
) -> None:
    other = make_connection(provider_id="other", organization_id="other")
    theirs = WebhookEndpoint.objects.create(provider=other, address="https://x.example", secret="x")
    of_all = WebhookEndpoint.objects.create(address="https://all.example", secret="x")

    for endpoint in (theirs, of_all):
        for action in ("rotate", "disable", "remove", "test", "resend"):
            assert act(client, acme, action, endpoint=endpoint.pk).status_code == 404
    assert "all.example" not in client.get(page(acme)).content.decode()
    assert WebhookEndpoint.objects.filter(enabled=True).count() == 2


def test_superusers_alone_add_webhooks_of_all_connections(
    client: Client, acme: ProviderConnection
) -> None:
    add(client, acme, of_all="on")
    assert WebhookEndpoint.objects.get().provider_id == "acme"

    boss = logged_in(staff("boss", is_superuser=True))
    add(boss, acme, of_all="on")
    assert WebhookEndpoint.objects.filter(provider=None).count() == 1
    assert "Of all connections." in boss.get(page(acme)).content.decode()


def test_requests_from_elsewhere_are_refused(acme: ProviderConnection) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff("joe", *MAY), backend="django.contrib.auth.backends.ModelBackend")

    assert add(client, acme).status_code == 403


def test_notices_are_told_in_words(client: Client, acme: ProviderConnection) -> None:
    Notice.objects.create(provider=acme, kind="connection.silent", at=utc_now(), facts={"days": 4})

    assert "for 4 days, longer than usual" in client.get(page(acme)).content.decode()


def test_without_encryption_the_page_says_so(
    client: Client, acme: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_scim_provider.admin.notice_pages import notices_page

    monkeypatch.setattr(notices_page, "ENCRYPTION_AVAILABLE", False)

    assert "not installed: cryptography" in client.get(page(acme)).content.decode()


def test_the_page_takes_the_same_statements_for_any_number(
    client: Client, acme: ProviderConnection
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as context:
            assert client.get(page(acme)).status_code == 200
        return len(context)

    add(client, acme)
    give_up(WebhookEndpoint.objects.get(), acme, 1)
    few = cost()
    for _ in range(4):
        add(client, acme)
    for endpoint in WebhookEndpoint.objects.all():
        give_up(endpoint, acme, 20)
    Notice.objects.bulk_create(
        Notice(
            provider=acme, kind="token.expiring", subject=str(n), at=utc_now(), facts={"days": 3}
        )
        for n in range(20)
    )

    assert cost() <= few
