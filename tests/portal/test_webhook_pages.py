"""Webhooks of an organization's own, in the portal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from django_scim_provider.connections.recent_login import SESSION_KEY
from django_scim_provider.models import OutboxMessage, ProvisioningEvent, WebhookEndpoint
from django_scim_provider.models.moments import utc_now
from django_scim_provider.portal.organization_pages import webhook_pages
from django_scim_provider.storage.announcing.outbox_rows import message_row, store_messages
from django_scim_provider.webhooks.endpoint_service import add_endpoint
from tests.factories import make_connection
from tests.portal.conftest import Directory, new_key, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def allowed(scim_settings: Any) -> None:
    scim_settings(WEBHOOK_ALLOWED_HOSTS=["localhost"])


def add(directory: Directory, **answers: Any) -> Any:
    given = {
        "key": new_key(),
        "address": "https://localhost/hook",
        "kinds": ["user.provisioned"],
        **answers,
    }
    return directory.post("new-webhook", **given)


def shown_secret(page: Any) -> str | None:
    found = re.search(r'id="scim-webhook-secret" value="([^"]+)"', page.content.decode())
    return found and found.group(1)


def act(directory: Directory, action: str, **more: Any) -> Any:
    endpoint = more.pop("endpoint", None) or WebhookEndpoint.objects.get().pk
    return directory.post("webhooks", action=action, endpoint=endpoint, **more)


def age_log_in(directory: Directory) -> None:
    session = directory.client.session
    session[SESSION_KEY] = utc_now().timestamp() - 601
    session.save()


def test_webhook_is_added_and_its_secret_shown_once(directory: Directory) -> None:
    key = new_key()

    made = add(directory, key=key)
    again = add(directory, key=key)

    secret = shown_secret(made)
    assert secret is not None
    assert secret.startswith("whsec_")
    assert "no-store" in made["Cache-Control"]
    assert shown_secret(again) is None
    assert again.status_code == 400
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.provider_id, endpoint.created_by) == ("okta-corp", directory.owner)
    assert secret not in directory.page("webhooks").content.decode()
    event = ProvisioningEvent.objects.get(action="create_webhook")
    assert event.actor == directory.owner


def test_address_inside_of_the_network_is_refused(directory: Directory) -> None:
    answer = add(directory, address="https://10.0.0.1/hook")

    assert answer.status_code == 400
    assert "may not reach" in text_of(answer)
    assert not WebhookEndpoint.objects.exists()


def test_webhook_of_all_connections_cannot_be_made(directory: Directory) -> None:
    add(directory, of_all="on")

    assert WebhookEndpoint.objects.get().provider_id == "okta-corp"


def test_addresses_and_secrets_need_a_log_in_that_is_not_long_ago(directory: Directory) -> None:
    add(directory)
    secret = WebhookEndpoint.objects.get().secret
    age_log_in(directory)

    answers = [directory.page("new-webhook"), add(directory), act(directory, "rotate")]

    assert {answer.status_code for answer in answers} == {403}
    assert all("Log in again" in text_of(answer) for answer in answers)
    assert WebhookEndpoint.objects.get().secret == secret


def test_secret_is_rotated_once_by_the_same_page(directory: Directory) -> None:
    first = shown_secret(add(directory))
    shown = directory.page("webhooks").content.decode()
    known = re.findall(r'name="known" value="(\w+)"', shown)[0]

    second = shown_secret(act(directory, "rotate", known=known))
    again = act(directory, "rotate", known=known)

    assert second not in (None, first)
    assert again.status_code == 400
    assert shown_secret(again) is None


def test_buttons_do_what_they_say(directory: Directory) -> None:
    add(directory)
    endpoint = WebhookEndpoint.objects.get()

    test = act(directory, "test")
    assert test["Location"].endswith("?done=webhook-test")
    assert "A test message waits" in text_of(directory.client.get(test["Location"]))
    assert OutboxMessage.objects.get().kind == "webhook.test"
    act(directory, "disable")
    assert not WebhookEndpoint.objects.get().enabled
    act(directory, "enable")
    assert WebhookEndpoint.objects.get().enabled
    OutboxMessage.objects.update(state="dead", attempts=16)
    act(directory, "resend")
    assert OutboxMessage.objects.get().state == "waiting"
    act(directory, "remove", endpoint=endpoint.pk)
    assert not WebhookEndpoint.objects.exists()
    assert "There is no webhook." in text_of(directory.page("webhooks"))


def test_latest_messages_are_told_and_one_is_sent_again(directory: Directory) -> None:
    add(directory)
    key, now = WebhookEndpoint.objects.get().pk, utc_now()
    kinds = ("user.provisioned", "user.updated", "group.changed")
    store_messages("default", [message_row(key, "okta-corp", kind, now, data={}) for kind in kinds])
    rows = OutboxMessage.objects.order_by("pk")
    OutboxMessage.objects.filter(pk=rows[0].pk).update(state="done", last_status=200)
    OutboxMessage.objects.filter(pk=rows[1].pk).update(state="dead", last_status=503)

    shown = text_of(directory.page("webhooks"))
    act(directory, "resend", message=rows[1].pk)

    assert "a person was provisioned https://localhost/hook delivered" in shown
    assert "given up answered with 503" in shown
    assert "waiting" in shown
    assert OutboxMessage.objects.filter(state="waiting").count() == 2


def test_webhooks_of_others_are_neither_shown_nor_changed(directory: Directory) -> None:
    foreign, _ = add_endpoint(make_connection(provider_id="foreign"), "https://localhost/theirs")
    of_all, _ = add_endpoint(None, "https://localhost/all")

    shown = directory.page("webhooks").content.decode()
    statuses = {
        act(directory, action, endpoint=each.pk).status_code
        for each in (foreign, of_all)
        for action in ("rotate", "disable", "remove", "test", "resend")
    }

    assert "localhost" not in shown
    assert statuses == {404}
    assert WebhookEndpoint.objects.filter(enabled=True).count() == 2


@pytest.mark.parametrize("answers", [{}, {"action": "x"}, {"action": "test", "endpoint": "x"}])
def test_unknown_button_is_not_found(directory: Directory, answers: dict[str, str]) -> None:
    assert directory.post("webhooks", **answers).status_code == 404


def test_operators_webhooks_are_only_looked_at(directory: Directory, scim_settings: Any) -> None:
    add(directory)
    scim_settings(RESERVED_PROVIDER_IDS=["okta-corp"])

    page = directory.page("webhooks")

    assert "The operator of this site manages this connection." in text_of(page)
    assert b'name="action"' not in page.content
    assert act(directory, "disable").status_code == 403
    assert directory.page("new-webhook").status_code == 403


def test_without_encryption_webhooks_are_not_offered(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_pages, "ENCRYPTION_AVAILABLE", False)

    assert "not available here yet" in text_of(directory.page("webhooks"))
    assert "not available here yet" in text_of(directory.page("new-webhook"))


def test_page_takes_as_many_statements_for_any_number_of_messages(directory: Directory) -> None:
    add(directory)
    key, now = WebhookEndpoint.objects.get().pk, utc_now()

    def statements() -> int:
        with CaptureQueriesContext(database) as context:
            assert directory.page("webhooks").status_code == 200
        return len(context)

    few = statements()
    store_messages("default", [message_row(key, "okta-corp", "x", now, data={}) for _ in range(9)])

    assert statements() == few
