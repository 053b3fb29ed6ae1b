"""For which connection a log-in provider speaks, and which claims name the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from django_scim_provider.checks import check_settings
from django_scim_provider.checks.data import check_data
from django_scim_provider.checks.log_ins import unbound_log_ins
from django_scim_provider.log_in import (
    LogInRefused,
    Refusal,
    account_of_log_in,
    connection_of_session,
    may_sign_up,
)
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.moments import utc_now
from tests.factories import make_connection
from tests.people import connect, host_user, make_user, set_active

pytestmark = pytest.mark.django_db
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
BY_SUB = {"connection": "acme", "external_id": "sub"}


def reason(provider: str, claims: dict[str, Any], **options: Any) -> Refusal:
    with pytest.raises(LogInRefused) as refused:
        account_of_log_in(provider, claims, **options)
    return refused.value.reason


def entered(provider: str, claims: dict[str, Any], **options: Any) -> Any:
    found = account_of_log_in(provider, claims, **options)
    assert found is not None
    return found.user


def connection_of(provider: str, claims: Any) -> str | None:
    return {"okta-acme": "acme"}.get(provider)


def is_strict(connection: ProviderConnection) -> bool:
    return str(connection.provider_id) == "acme"


def test_log_in_provider_decides_the_connection(scim_settings: Callable[..., None]) -> None:
    ann = connect("acme").create_user("ann", externalId="E1")
    bob = connect("globex").create_user("bob", externalId="E2")
    scim_settings(LOG_IN={"one": BY_SUB, "two": {**BY_SUB, "connection": "globex"}})

    assert entered("one", {"sub": "E1"}) == host_user(ann)
    assert entered("two", {"sub": "E2"}) == host_user(bob)
    claims = {"sub": "E1", "connection": "acme", "iss": "one", "provider": "one", "tid": "acme"}
    assert reason("two", claims) is Refusal.UNKNOWN
    assert account_of_log_in("three", claims) is None


def test_tenants_of_one_log_in_provider_have_a_connection_each(
    scim_settings: Callable[..., None],
) -> None:
    ann = connect("acme").create_user("ann", externalId="E1")
    connect("globex").create_user("bob", externalId="E2")
    tenants = {"https://a.example": "acme", "https://b.example": "globex"}
    scim_settings(LOG_IN={"entra": {"connections": tenants, "external_id": "sub"}})

    assert entered("entra", {"iss": "https://a.example", "sub": "E1"}) == host_user(ann)
    assert reason("entra", {"iss": "https://b.example", "sub": "E1"}) is Refusal.UNKNOWN
    assert reason("entra", {"iss": "https://c.example", "sub": "E1"}) is Refusal.NO_CONNECTION
    assert reason("entra", {"sub": "E1"}) is Refusal.NO_CONNECTION


def test_function_of_the_project_finds_the_connection(scim_settings: Callable[..., None]) -> None:
    ann = connect("acme").create_user("ann", externalId="E1")
    finding = {"find_connection": f"{__name__}.connection_of", "external_id": "sub"}
    scim_settings(LOG_IN={"*": finding, "named": finding})

    assert entered("okta-acme", {"sub": "E1"}) == host_user(ann)
    assert account_of_log_in("google", {"sub": "E1"}) is None
    assert reason("named", {"sub": "E1"}) is Refusal.NO_CONNECTION


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": ""},
        {"sub": None},
        {"sub": True},
        {"sub": ["E1", "E2"]},
        {"sub": {"E1": "E1"}},
        {"email": "E1", "preferred_username": "ann", "user_name": "ann"},
    ],
)
def test_claims_that_name_nobody_find_nobody(
    scim_settings: Callable[..., None], claims: dict[str, Any]
) -> None:
    connect("acme").create_user("ann", externalId="E1")
    scim_settings(LOG_IN={"one": BY_SUB})

    assert reason("one", claims) is Refusal.UNKNOWN
    assert entered("one", {"sub": ["E1"]})  # as SAML has it


def test_name_finds_people_only_where_a_claim_is_named(scim_settings: Callable[..., None]) -> None:
    client = connect("acme")
    ann = client.create_user("ann", externalId="E1")
    bob = client.create_user("bob")
    scim_settings(LOG_IN={"one": {**BY_SUB, "user_name": "upn"}})

    assert entered("one", {"sub": "E1", "upn": "bob"}) == host_user(ann)
    assert entered("one", {"sub": "E9", "upn": "BOB"}) == host_user(bob)
    assert reason("one", {"sub": "E9", "upn": "ann"}) is Refusal.UNKNOWN  # has another externalId
    client.create_user("ann2", externalId="E1")
    assert entered("one", {"sub": "E1", "upn": "ann"}) == host_user(ann)
    assert reason("one", {"sub": "E1", "upn": "bob"}) is Refusal.AMBIGUOUS


def test_unverified_address_is_no_name(scim_settings: Callable[..., None]) -> None:
    connect("acme").create_user("ann@x.example")
    scim_settings(LOG_IN={"one": {"connection": "acme", "user_name": "email"}})

    claims = {"email": "ann@x.example"}
    assert entered("one", {**claims, "email_verified": True})
    for unverified in (False, "false"):
        assert reason("one", {**claims, "email_verified": unverified}) is Refusal.UNKNOWN


def test_whom_the_connection_does_not_know_enters_only_by_leave(
    scim_settings: Callable[..., None],
) -> None:
    client = connect("acme")
    ann = client.create_user("ann", externalId="E1")
    scim_settings(LOG_IN={"one": BY_SUB, "open": {**BY_SUB, "only_provisioned": False}})

    assert reason("one", {"sub": "E9"}) is Refusal.UNKNOWN
    assert account_of_log_in("open", {"sub": "E9"}) is None
    may_sign_up("open", {"sub": "E9"})
    with pytest.raises(LogInRefused):
        may_sign_up("one", {"sub": "E9"})
    with pytest.raises(LogInRefused):
        may_sign_up("open", {"sub": "E1"})  # provisioned in between
    # Not as somebody of whom there is an account, under another name.
    assert reason("open", {"sub": "E9"}, attached_to=host_user(ann).pk) is Refusal.UNKNOWN
    boss = make_user("boss", is_staff=True)
    assert account_of_log_in("open", {"sub": "E9"}, attached_to=make_user("own").pk) is None
    assert reason("open", {"sub": "E9"}, attached_to=boss.pk) is Refusal.UNKNOWN
    set_active(client, ann, False)
    assert reason("open", {"sub": "E1"}) is Refusal.INACTIVE


def test_each_connection_may_have_its_own_policy(scim_settings: Callable[..., None]) -> None:
    connect("acme")
    connect("globex")
    policy = {
        "connections": {"a": "acme", "b": "globex"},
        "external_id": "sub",
        "only_provisioned": f"{__name__}.is_strict",
    }
    scim_settings(LOG_IN={"entra": policy})

    assert reason("entra", {"iss": "a", "sub": "E9"}) is Refusal.UNKNOWN
    assert account_of_log_in("entra", {"iss": "b", "sub": "E9"}) is None


def test_leave_for_staff_stands_in_the_binding(scim_settings: Callable[..., None]) -> None:
    user = host_user(connect("acme").create_user("ann", externalId="E1"))
    user.is_staff = True
    user.save()
    scim_settings(LOG_IN={"one": BY_SUB, "staff": {**BY_SUB, "privileged": True}})

    assert reason("one", {"sub": "E1"}) is Refusal.NOT_ALLOWED
    assert entered("staff", {"sub": "E1"}) == user


def test_session_knows_its_connection(scim_settings: Callable[..., None]) -> None:
    connect("acme").create_user("ann", externalId="E1")
    scim_settings(LOG_IN={"one": BY_SUB})
    request = RequestFactory().get("/")
    request.session = SessionStore()
    assert connection_of_session(request) is None

    login(request, entered("one", {"sub": "E1"}), MODEL_BACKEND)
    assert connection_of_session(request) == "acme"

    login(request, make_user("own@x.example"), MODEL_BACKEND)
    assert connection_of_session(request) is None


@pytest.mark.parametrize(
    ("entry", "ids"),
    [
        (BY_SUB, []),
        ({"connections": {"a": "acme"}, "tenant": "tid", "user_name": "upn"}, []),
        ({"find_connection": f"{__name__}.connection_of", "external_id": "sub"}, []),
        ({**BY_SUB, "only_provisioned": f"{__name__}.is_strict"}, []),
        ({"external_id": "sub"}, ["E013"]),
        ({"connection": "acme"}, ["E013"]),
        ({**BY_SUB, "connections": {"a": "acme"}}, ["E013"]),
        ({**BY_SUB, "privileged": "yes"}, ["E013"]),
        ({**BY_SUB, "connection": 1}, ["E013"]),
        ({**BY_SUB, "emial": "email"}, ["E003"]),
        ({**BY_SUB, "only_provisioned": "nowhere.at_all"}, ["E004"]),
        ({"find_connection": f"{__name__}.BY_SUB", "external_id": "sub"}, ["E004"]),
    ],
)
def test_bindings_are_checked(
    scim_settings: Callable[..., None], entry: dict[str, Any], ids: list[str]
) -> None:
    scim_settings(LOG_IN={"one": entry})

    found = [str(message.id).removeprefix("scim_provider.") for message in check_settings()]

    assert found == ids


def test_bindings_to_connections_that_are_not_there_are_told(
    scim_settings: Callable[..., None],
) -> None:
    make_connection(provider_id="acme")
    make_connection(provider_id="old", decommissioned_at=utc_now())
    scim_settings(
        LOG_IN={"one": BY_SUB, "two": {"connections": {"a": "acme", "b": "nowhere", "c": "old"}}}
        | {"all": {"find_connection": f"{__name__}.connection_of"}}
    )

    assert unbound_log_ins("default") == [
        ("two", "nowhere", "does not exist"),
        ("two", "old", "is decommissioned"),
    ]
    scim_settings(LOG_IN={"one": {**BY_SUB, "connection": "gone"}})
    found = [str(message.id) for message in check_data(databases=["default"])]
    assert "scim_provider.W028" in found
