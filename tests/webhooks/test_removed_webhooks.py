"""What is gone is neither linked nor shown: pages of another admin site, and removed webhooks."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError

from django_scim_provider.admin.notice_pages.dead_letters import dead_letters
from django_scim_provider.models import (
    LinkedAccount,
    OutboxMessage,
    ProviderConnection,
    WebhookEndpoint,
)
from django_scim_provider.webhooks import endpoint_service
from tests.administration import url
from tests.factories import make_account, make_connection
from tests.webhooks.test_notices_page import give_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> ProviderConnection:
    return make_connection(organization_id="acme")


@pytest.fixture
def endpoint(acme: ProviderConnection, scim_settings: Any) -> WebhookEndpoint:
    scim_settings(WEBHOOK_ALLOWED_HOSTS=["localhost"])
    endpoint_service.add_endpoint(acme, "https://localhost/hook")
    return WebhookEndpoint.objects.get()


def test_what_was_given_up_has_no_link_where_the_admin_has_no_such_page(
    acme: ProviderConnection, endpoint: WebhookEndpoint, settings: Any
) -> None:
    make_account("acme", {"userName": "ann@x.example"}, 1)
    account = LinkedAccount.objects.get()
    give_up(endpoint, acme, 1)
    OutboxMessage.objects.update(subject=account.scim_id)
    (linked,) = dead_letters(acme, [endpoint], admin.site)
    assert linked.address == url(LinkedAccount, "change", account.pk)
    settings.ROOT_URLCONF = "django_scim_provider.management_urls"

    (plain,) = dead_letters(acme, [endpoint], admin.site)

    assert plain.address == ""


def test_no_secret_is_shown_of_a_webhook_that_was_removed(endpoint: WebhookEndpoint) -> None:
    endpoint_service.remove_endpoint(endpoint)

    with pytest.raises(ValidationError, match="removed"):
        endpoint_service.rotate_secret(endpoint)
