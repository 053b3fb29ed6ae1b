"""A verifier of the project's own says whose a token is; everything else is still checked here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.utils import timezone

from django_scim_provider.models import ProviderConnection, ProvisioningEvent
from django_scim_provider.rest.permissions import HasScope
from django_scim_provider.tokens.claims import SCIMClient, TokenClaims, VerifiedToken
from django_scim_provider.tokens.scopes import all_scopes
from django_scim_provider.tokens.verification import verify_stored_token, verify_token
from tests.factories import make_connection, make_token
from tests.people import make_organization
from tests.scim_client import CORE, SCIMTestClient
from tests.tenancy.models import Organization

pytestmark = pytest.mark.django_db

ASKED: list[str] = []
SECRET = "a-default-secret-of-many-characters"


def by_prefix(text: str) -> TokenClaims | None:
    """Take ``acme.<scope>.<scope>`` for good, as a gateway's token that needs no proof."""
    ASKED.append(text)
    provider_id, _, scopes = text.partition("..")
    if provider_id in ("bad", ""):
        return None
    return TokenClaims(provider_id=provider_id, scopes=set(scopes.split("..")))


def of_either(text: str) -> TokenClaims | None:
    """Ask for the tokens of the app first."""
    return verify_stored_token(text) or by_prefix(text)


def failing(text: str) -> TokenClaims | None:
    raise {"down": ConnectionError, "away": OperationalError}.get(text, ValueError)(text)


def careless(text: str) -> Any:
    return {"true": True, "text": "acme", "verified": opening_all()}[text]


def opening_all() -> VerifiedToken:
    return VerifiedToken(
        provider_id="acme",
        organization_id=None,
        profile="generic",
        profile_switches={},
        scopes=frozenset(all_scopes()),
        token_id=None,
    )


def with_scopes_as_text(text: str) -> TokenClaims:
    return TokenClaims(provider_id="acme", scopes="scim.users.read scim.users.write")


def with_odd_scopes(text: str) -> TokenClaims:
    scopes: dict[str, Any] = {"none": None, "numbers": {1}, "lists": [["a"]], "bytes": b"a"}
    return TokenClaims(provider_id="acme", scopes=scopes.get(text, iter(["scim.users.write"])))


def with_odd_id(text: str) -> TokenClaims:
    ids = {"nul": "acme\0", "half": "acme\ud800", "long": "a" * 100_000, "empty": ""}
    return TokenClaims(provider_id=ids[text], scopes=all_scopes())


ALL = "scim.users.read..scim.users.write..openid"


@pytest.fixture
def verifier(scim_settings: Callable[..., None]) -> Callable[[str], None]:
    """Return a function that sets the verifier by the name of one in this module."""
    ASKED.clear()
    return lambda name: scim_settings(TOKEN_VERIFIER=f"{__name__}.{name}")


def post(token: str) -> int:
    body = {"schemas": [CORE], "userName": "ann"}
    return SCIMTestClient(token).request("POST", "/Users", body).status


def test_verifier_opens_a_connection_with_its_scopes(verifier: Callable[[str], None]) -> None:
    verifier("by_prefix")
    make_connection(profile="okta")

    statuses = [post("acme..scim.users.read"), post(f"acme..{ALL}"), post("acme..")]

    assert statuses == [403, 201, 403]
    assert ASKED[0] == "acme..scim.users.read"
    verified = verify_token(f"acme..{ALL}")
    assert verified is not None
    assert (verified.profile, verified.token_id) == ("okta", None)
    assert verified.scopes == {"scim.users.read", "scim.users.write"}
    assert ProvisioningEvent.objects.filter(action="create", outcome="done").count() == 1


def test_request_has_what_it_has_with_tokens_of_the_app(
    verifier: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier("by_prefix")
    make_connection()
    seen: list[Any] = []

    def note(self: Any, request: Any, view: Any) -> bool:
        seen.append((request.user, request.auth))
        return True

    monkeypatch.setattr(HasScope, "has_permission", note)

    SCIMTestClient(f"acme..{ALL}").get("/Users")

    ((user, auth),) = seen
    assert (user, type(auth)) == (SCIMClient("acme"), VerifiedToken)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"enabled": False}, id="disabled"),
        pytest.param({"decommissioned_at": timezone.now()}, id="decommissioned"),
        pytest.param({"organization_id": "gone"}, id="unknown-organization"),
        pytest.param({"provider_id": "other"}, id="unknown-connection"),
    ],
)
def test_what_is_not_open_stays_closed_whatever_the_verifier_says(
    verifier: Callable[[str], None], change: dict[str, Any]
) -> None:
    verifier("by_prefix")
    connection = make_connection()
    before = SCIMTestClient(f"acme..{ALL}").get("/Users").status
    ProviderConnection.objects.filter(pk=connection.pk).update(**change)

    answer = SCIMTestClient(f"acme..{ALL}").get("/Users")
    bad = SCIMTestClient("bad").get("/Users")

    assert (before, answer.status, bad.status) == (200, 401, 401)
    assert answer.text == bad.text
    assert answer.headers["WWW-Authenticate"] == bad.headers["WWW-Authenticate"]


def test_owner_who_is_not_active_closes_a_personal_connection(
    verifier: Callable[[str], None],
) -> None:
    verifier("by_prefix")
    owner = get_user_model()._default_manager.create(username="own", is_active=False)
    make_connection(owner=owner)

    assert SCIMTestClient(f"acme..{ALL}").get("/Users").status == 401


def test_organization_that_is_deactivated_closes_its_connection(
    verifier: Callable[[str], None],
) -> None:
    verifier("by_prefix")
    make_organization("org")
    make_connection(organization_id="org")

    before = SCIMTestClient(f"acme..{ALL}").get("/Users").status
    Organization.objects.all().delete()

    assert [before, SCIMTestClient(f"acme..{ALL}").get("/Users").status] == [200, 401]


@pytest.mark.parametrize("entry", [{}, {"scopes": ["scim.users.read"]}])
def test_connection_from_the_settings_keeps_its_scopes(
    verifier: Callable[[str], None], scim_settings: Callable[..., None], entry: dict[str, Any]
) -> None:
    verifier("by_prefix")
    scim_settings(DEFAULT_SCIM=[{"provider_id": "fixed", "scim_token": SECRET, **entry}])

    assert SCIMTestClient(f"fixed..{ALL}").get("/Users").status == 200
    assert post(f"fixed..{ALL}") == (403 if entry else 201)


@pytest.mark.parametrize("text", ["a b", "ä", "x" * 8193, 'quo"ted', ""])
def test_what_is_no_bearer_token_is_not_shown_to_the_verifier(
    verifier: Callable[[str], None], text: str
) -> None:
    verifier("by_prefix")

    assert verify_token(text) is None
    assert ASKED == []


@pytest.mark.parametrize("name", ["by_prefix", "failing", "careless"])
def test_failures_are_limited(
    verifier: Callable[[str], None], scim_settings: Callable[..., None], name: str
) -> None:
    verifier(name)
    scim_settings(THROTTLE_RATES={"failed_authentication": "2/day"})

    answers = [SCIMTestClient("bad").get("/Users").status for _ in range(3)]
    verifier("by_prefix")

    assert answers == ([401, 401, 429] if name == "by_prefix" else [503] * 3)
    assert SCIMTestClient("bad").get("/Users").status == 429


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("failing", "down"),
        ("failing", "away"),
        ("failing", "x"),
        ("careless", "true"),
        ("careless", "text"),
        ("careless", "verified"),
        ("careless", "unknown"),
        ("with_scopes_as_text", "x"),
        ("with_odd_scopes", "none"),
        ("with_odd_scopes", "numbers"),
        ("with_odd_scopes", "lists"),
        ("with_odd_scopes", "bytes"),
        ("with_odd_scopes", "iterator"),
    ],
)
def test_fault_of_the_verifier_opens_nothing_and_loses_nothing(
    verifier: Callable[[str], None], name: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    verifier(name)
    make_connection()

    body = {"schemas": [CORE], "userName": "ann"}
    answer = SCIMTestClient(text).request("POST", "/Users", body)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert not get_user_model()._default_manager.exists()
    assert "failed (request" in caplog.text


@pytest.mark.parametrize("text", ["nul", "half", "long", "empty"])
def test_id_that_no_connection_has_opens_nothing_on_any_database(
    verifier: Callable[[str], None], text: str
) -> None:
    verifier("with_odd_id")
    make_connection()

    assert post(text) == 401


def test_tokens_of_the_app_work_beside_those_of_another_issuer(
    verifier: Callable[[str], None], django_assert_num_queries: Any
) -> None:
    token = make_token()
    verifier("of_either")

    mine = verify_token(token)
    theirs = verify_token(f"acme..{ALL}")

    assert mine is not None
    assert theirs is not None
    assert (mine.token_id is None, theirs.token_id is None) == (False, True)
    with django_assert_num_queries(1):
        verify_token(token)
