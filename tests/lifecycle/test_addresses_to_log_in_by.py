"""Where people log in by their address, it is one person's, as far as that can be known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lifecycle.test_shared_addresses import TAKEN, mail
from tests.people import connect, post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _people_log_in_by_name(settings: Any) -> None:
    settings.ACCOUNT_UNIQUE_EMAIL = False


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ACCOUNT_UNIQUE_EMAIL", True),
        ("ACCOUNT_LOGIN_METHODS", {"email"}),
        ("ACCOUNT_LOGIN_METHODS", {"username", "email"}),
        ("ACCOUNT_LOGIN_BY_CODE_ENABLED", True),
        ("SOCIALACCOUNT_EMAIL_AUTHENTICATION", True),
        ("SOCIAL_AUTH_PIPELINE", ["social_core.pipeline.social_auth.associate_by_email"]),
        ("AUTHENTICATION_BACKENDS", ["mozilla_django_oidc.auth.OIDCAuthenticationBackend"]),
    ],
)
def test_address_that_people_log_in_by_is_one_persons(
    settings: Any, scim_settings: Any, setting: str, value: Any
) -> None:
    setattr(settings, setting, value)
    client = connect()
    post(client, "ann", emails=mail())

    refused = post(client, "bob", emails=mail())
    scim_settings(UNIQUE_EMAILS=False)
    shared = post(client, "bob", emails=mail())

    assert (refused.status, refused.json["detail"]) == (409, TAKEN)
    assert shared.status == 201, shared.text


def test_setting_keeps_addresses_apart(scim_settings: Any) -> None:
    scim_settings(UNIQUE_EMAILS=True)
    client = connect()
    post(client, "ann", emails=mail())

    assert post(client, "bob", emails=mail()).json["detail"] == TAKEN


def test_backend_that_asks_for_the_account_keeps_no_addresses_apart(settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [
        "django_scim_provider.contrib.mozilla_django_oidc.OIDCBackend"
    ]
    client = connect()
    post(client, "ann", emails=mail())

    assert post(client, "bob", emails=mail()).status == 201
