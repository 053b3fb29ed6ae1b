"""A token is shown once, to whoever made it, and nowhere else."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.test import Client

from django_scim_provider import signals
from django_scim_provider.api import generate_scim_token
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.tokens import service as token_service
from django_scim_provider.tokens.verification import verify_token
from django_scim_provider.tokens.wire import decode
from tests.management.conftest import Person
from tests.people import make_user, post, set_active
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def secrets_of(token: str) -> list[str]:
    """Return the token, its secret, and the secret's private part."""
    parts = decode(token)
    assert parts is not None
    return [token, parts.secret, parts.secret[8:]]


def broken(**sent: Any) -> None:
    raise RuntimeError("the receiver of the project is broken")


def test_no_log_event_or_repr_holds_a_token(
    caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    caplog.set_level(logging.DEBUG)
    signals.after_scim_token_generated.connect(broken)
    request.addfinalizer(lambda: signals.after_scim_token_generated.disconnect(broken))
    person = Person(make_user("ann@x.example"))
    tokens = [person.generate().json["scimToken"]]
    client = SCIMTestClient(tokens[0])
    user = post(client, "bob@x.example").json

    post(client, "bob@x.example")
    set_active(client, user, False)
    client.get(f"/Users?filter=title+eq+%22{tokens[0]}")
    SCIMTestClient(tokens[0][:-2]).get("/Users")
    SCIMTestClient("x" + tokens[0]).get("/Users")
    tokens.append(person.post("rotate-token", providerId="acme", overlap=60).json["scimToken"])
    person.post("generate-token", providerId="acme", label=tokens[0])
    made = generate_scim_token(person.user, "acme")
    tokens.append(made.scim_token)
    person.post("delete-provider-connection", providerId="acme")

    rows: list[Any] = [*SCIMToken.objects.all(), *ProviderConnection.objects.all()]
    told = [repr(row) + str(row) for row in rows]
    told += [repr(made), repr(verify_token(tokens[-1])), repr(decode(tokens[-1]))]
    told += [str(list(ProvisioningEvent.objects.values())), caplog.text]
    told += [str(list(SCIMToken.objects.values("secret", "lookup", "scopes")))]
    for token in tokens:
        for secret in secrets_of(token):
            assert not any(secret in text for text in told)


def test_receiver_that_raises_the_token_does_not_show_it(
    request: pytest.FixtureRequest,
) -> None:
    def leak(*, scim_token: str, **_: Any) -> None:
        raise ValueError(f"refused {scim_token}")

    signals.before_scim_token_generated.connect(leak)
    request.addfinalizer(lambda: signals.before_scim_token_generated.disconnect(leak))

    with pytest.raises(PermissionDenied) as caught:
        token_service.generate_scim_token("acme")

    assert str(caught.value) == "The token was refused."
    assert caught.value.__context__ is None or "refused M" not in str(caught.value.__context__)


def test_admin_shows_no_token_again() -> None:
    root = make_user("root", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    made = generate_scim_token(root, "acme")
    connection = ProviderConnection.objects.get()

    pages = [
        client.get("/admin/scim_provider/scimtoken/").content,
        client.get(f"/admin/scim_provider/scimtoken/{made.token.pk}/change/").content,
        client.get(f"/admin/scim_provider/providerconnection/{connection.pk}/change/").content,
        client.get(f"/admin/scim_provider/providerconnection/{connection.pk}/history/").content,
        str(list(LogEntry.objects.values())).encode(),
    ]

    stored = SCIMToken.objects.get().secret
    for secret in (*secrets_of(made.scim_token), stored):
        assert not any(secret.encode() in page for page in pages)
