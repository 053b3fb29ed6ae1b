from __future__ import annotations

from typing import Any

import pytest
from django.core import checks

from django_scim_provider import checks as own_checks
from django_scim_provider.checks import check_deployment, check_settings

NOT_CALLABLE = 1
BACKENDS = "django_scim_provider.organizations"
ORGANIZED: dict[str, Any] = {
    "ORGANIZATION_BACKEND": f"{BACKENDS}.MembershipModelBackend",
    "MEMBERSHIP": {"model": "tenancy.Membership", "active": "is_active"},
}


def ids(settings: Any, value: Any) -> list[str]:
    settings.SCIM_PROVIDER = value
    return [str(message.id).removeprefix("scim_provider.") for message in check_settings()]


def default(**changes: Any) -> dict[str, Any]:
    entry = {"provider_id": "acme", "scim_token": "s" * 24, **changes}
    return {"DEFAULT_SCIM": [entry]}


def linking(**policy: Any) -> dict[str, Any]:
    return {"LINK_EXISTING_USERS": policy}


def organized(**changes: Any) -> dict[str, Any]:
    return {**ORGANIZED, "MEMBERSHIP": {**ORGANIZED["MEMBERSHIP"], **changes}}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"STORE_SCIM_TOKEN": "encrypted"},
        {"STORE_SCIM_TOKEN": "plain"},
        {"STORE_SCIM_TOKEN": {"hash": "tests.test_tokens.digest"}},
        {"ARGON2": {"time_cost": 3}},
        {"LAST_USED_INTERVAL": 0},
        {"BASE_URL": None},
        {"RESOURCE_TYPES": ["tests.inventory.scim.PRINTERS"]},
        {
            "RESOURCE_TYPES": ["tests.inventory.scim.PRINTERS"],
            **default(scopes=["scim.printers.read"]),
        },
        {"EXTENSIONS": {"User": ["tests.extensions.BADGE"]}},
        {"DEPROVISION": "deactivate"},
        default(profile="okta", scopes=["scim.users.read"]),
        {**default(organization_id="org"), **ORGANIZED},
        {"THROTTLE_RATES": {"connection": "5/second", "discovery": None}},
        {"LINK_EXISTING_USERS": True},
        {"LINK_EXISTING_USERS": {"trusted_domains": ["a.example"], "trust_unverified": True}},
        {"LINK_EXISTING_USERS": {"trusted_domains": {"acme": ["a.example"]}}},
        {"LINK_EXISTING_USERS": {"should_link_user": "tests.test_checks.ids"}},
        {"CAN_GENERATE_TOKEN": "tests.test_checks.ids", "RECENT_LOGIN": 600},
        {"BULK_TIME_LIMIT": 2.5},
        {"REVOKERS": ["tests.test_checks.ids"], "RESERVED_PROVIDER_IDS": ["okta"]},
        {"ORGANIZATION_BACKEND": f"{BACKENDS}.DjangoOrganizationsBackend"},
        organized(organization_active="is_open"),
    ],
)
def test_valid_settings_pass(settings: Any, value: Any) -> None:
    assert ids(settings, value) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param([], "E001", id="no-dict"),
        pytest.param({"MAX_PAGE_SIZE": "10"}, "E002", id="text-for-number"),
        pytest.param({"MAX_PAGE_SIZE": True}, "E002", id="boolean-for-number"),
        pytest.param({"MAX_PAGE_SIZE": 0}, "E002", id="too-small"),
        pytest.param({"MAX_BODY_DEPTH": 201}, "E002", id="deeper-than-can-be-served"),
        pytest.param({"LAST_USED_INTERVAL": -1}, "E002", id="negative"),
        pytest.param({"DEFAULT_PAGE_SIZE": 2000}, "E002", id="page-above-the-limit"),
        pytest.param({"DEPROVISION": "forget"}, "E002", id="no-choice"),
        pytest.param({"EXTENSIONS": {"User": "path"}}, "E002", id="text-for-list"),
        pytest.param({"DEFAULT_SCIM": {}}, "E002", id="dict-for-list"),
        pytest.param({"DATABASE": "other"}, "E002", id="no-such-database"),
        pytest.param({"LINK_EXISTING_USERS": "yes"}, "E002", id="linking-as-text"),
        pytest.param(linking(trusted_domains=["@a.example"]), "E002", id="address-for-domain"),
        pytest.param(linking(trusted_domains="a.example"), "E002", id="text-for-domains"),
        pytest.param(linking(require_existing_org_membership=1), "E002", id="one-for-true"),
        pytest.param(linking(trust_unverified="yes"), "E002", id="yes-for-true"),
        pytest.param(linking(should_link_user=ids), "E002", id="function-for-path"),
        pytest.param(linking(domains=[]), "E003", id="unknown-policy"),
        pytest.param(linking(should_link_user="a.b"), "E004", id="no-policy-function"),
        pytest.param({"THROTTLE_RATES": {"connection": "0/minute"}}, "E002", id="nothing-a-minute"),
        pytest.param({"THROTTLE_RATES": {"connection": "5/week"}}, "E002", id="no-period"),
        pytest.param({"THROTTLE_RATES": {"users": "5/day"}}, "E003", id="unknown-rate"),
        pytest.param({"THROTTLE_CACHE": "other"}, "E002", id="no-such-cache"),
        pytest.param({"NUM_PROXIES": -1}, "E002", id="negative-proxies"),
        pytest.param({"RECENT_LOGIN": 0}, "E002", id="no-time-to-log-in"),
        pytest.param({"BULK_TIME_LIMIT": 0.5}, "E002", id="no-time-for-bulk"),
        pytest.param({"BULK_TIME_LIMIT": float("nan")}, "E002", id="no-number-of-seconds"),
        pytest.param({"BULK_TIME_LIMIT": True}, "E002", id="boolean-for-seconds"),
        pytest.param({"BULK_TIME_LIMIT": None}, "E002", id="bulk-without-limit"),
        pytest.param({"CAN_GENERATE_TOKEN": "a.b"}, "E004", id="no-hook"),
        pytest.param(
            {"REVOKERS": ["tests.test_checks.NOT_CALLABLE"]}, "E004", id="revoker-no-function"
        ),
        pytest.param({"ORGANIZATION_BACKEND": "a.b"}, "E004", id="no-backend"),
        pytest.param({"ORGANIZATION_BACKEND": "tests.test_checks.ids"}, "E007", id="no-class"),
        pytest.param({**ORGANIZED, "MEMBERSHIP": {}}, "E007", id="no-membership-model"),
        pytest.param(organized(model="tenancy.Nothing"), "E007", id="no-such-model"),
        pytest.param(organized(model="nodots"), "E007", id="no-label"),
        pytest.param(organized(role="rank"), "E007", id="no-such-field"),
        pytest.param(organized(default_role="owner"), "E007", id="everybody-an-owner"),
        pytest.param(organized(teams={"tenancy.No": ("a", "b")}), "E007", id="no-team-model"),
        pytest.param(organized(organization_active="open"), "E007", id="no-activity-field"),
        pytest.param(
            organized(organization="role", organization_active="is_open"),
            "E007",
            id="activity-of-an-id",
        ),
        pytest.param(organized(rank="role"), "E003", id="unknown-membership-key"),
        pytest.param(default(organization_id="org"), "E005", id="organization-without-backend"),
        pytest.param({"ARGON2": {"time_cost": 0}}, "E002", id="no-cost"),
        pytest.param({"ARGON2": {"time": 1}}, "E003", id="unknown-cost"),
        pytest.param({"PROVIDER_OWNERSHIP": {"on": True}}, "E003", id="unknown-ownership-key"),
        pytest.param({"MAX_PAGESIZE": 1}, "E003", id="misspelt"),
        pytest.param({"ADAPTER": "nowhere.Adapter"}, "E004", id="no-adapter"),
        pytest.param({"RESOURCE_TYPES": ["nodots"]}, "E004", id="no-path"),
        pytest.param(
            {"RESOURCE_TYPES": ["nodots"], **default(scopes=["scim.users.read"])},
            "E004",
            id="no-path-and-scopes",
        ),
        pytest.param(
            {"RESOURCE_TYPES": ["django_scim_provider.core.schemas.USER"]},
            "E004",
            id="no-registration",
        ),
        pytest.param({"EXTENSIONS": {"User": ["a.b"]}}, "E004", id="no-extension"),
        pytest.param({"EXTENSIONS": {"Users": []}}, "E003", id="extension-of-nothing"),
        pytest.param(
            {"EXTENSIONS": {"User": ["tests.test_checks.NOT_CALLABLE"]}}, "E004", id="no-schema"
        ),
        pytest.param({"ADAPTER": "tests.test_checks.NOT_CALLABLE"}, "E004", id="adapter-no-class"),
        pytest.param(
            {"ADAPTER": "django.contrib.auth.models.User"}, "E004", id="adapter-no-adapter"
        ),
        pytest.param({"MEMBERSHIP": ORGANIZED["MEMBERSHIP"]}, "E007", id="membership-alone"),
        pytest.param(
            {"STORE_SCIM_TOKEN": {"hash": "tests.test_checks.NOT_CALLABLE"}},
            "E004",
            id="no-function",
        ),
        pytest.param(default(provider_id="a:b"), "E005", id="colon-in-provider"),
        pytest.param(default(provider_id=None), "E005", id="no-provider"),
        pytest.param(default(organization_id=""), "E005", id="empty-organization"),
        pytest.param(default(scim_token="short"), "E005", id="short-secret"),
        pytest.param(default(scim_token="s" * 24 + ":"), "E005", id="colon-in-secret"),
        pytest.param(default(profile="x"), "E005", id="no-profile"),
        pytest.param(default(scopes=["all"]), "E005", id="no-scope"),
        pytest.param(default(scopes="scim.users.read"), "E005", id="scopes-as-text"),
        pytest.param(default(token="x"), "E005", id="unknown-key-of-connection"),
        pytest.param({"DEFAULT_SCIM": default()["DEFAULT_SCIM"] * 2}, "E005", id="twice"),
        pytest.param({"STORE_SCIM_TOKEN": "md5"}, "E006", id="no-scheme"),
        pytest.param({"STORE_SCIM_TOKEN": {"encrypt": "a.b"}}, "E006", id="half-a-scheme"),
    ],
)
def test_faults_are_named(settings: Any, value: Any, expected: str) -> None:
    assert expected in ids(settings, value)


@pytest.mark.parametrize(
    ("key", "suggestion"), [("MAX_PAGESIZE", "MAX_PAGE_SIZE"), ("adapter", "ADAPTER")]
)
def test_misspelt_key_is_corrected(settings: Any, key: str, suggestion: str) -> None:
    settings.SCIM_PROVIDER = {key: 1}

    assert check_settings()[0].hint == f"Did you mean {suggestion!r}?"


def test_secrets_are_not_shown(settings: Any) -> None:
    settings.SCIM_PROVIDER = {"DEFAULT_SCIM": "verysecrettoken"}
    (message,) = check_settings()

    assert "verysecrettoken" not in message.msg


def test_missing_encryption_package_is_named(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_checks, "ENCRYPTION_AVAILABLE", False)

    assert ids(settings, {"STORE_SCIM_TOKEN": "encrypted"}) == ["E006"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, []),
        ({"STORE_SCIM_TOKEN": "plain"}, ["scim_provider.W001"]),
        ({"ALLOW_PRIVILEGED_USERS": True}, ["scim_provider.W002"]),
        ({"PROVIDER_OWNERSHIP": {"enabled": False}}, ["scim_provider.W003"]),
        ({"LINK_EXISTING_USERS": True}, ["scim_provider.W004"]),
        ({"LINK_EXISTING_USERS": {"trust_unverified": True}}, ["scim_provider.W004"]),
        ({"THROTTLE_CACHE": "own"}, ["scim_provider.W005"]),
        ({"THROTTLE_RATES": {"failed_authentication": None}}, ["scim_provider.W006"]),
    ],
)
def test_deployment_is_warned(settings: Any, value: dict[str, Any], expected: list[str]) -> None:
    settings.SCIM_PROVIDER = value
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "OPTIONS": {"socket_timeout": 0.2},
        },
        "own": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    }

    assert [message.id for message in check_deployment()] == expected


DJANGO = "django.core.cache.backends.redis.RedisCache"
PACKAGE = "django_redis.cache.RedisCache"
POOL = {"CONNECTION_POOL_KWARGS": {"socket_timeout": 0.2}}


@pytest.mark.parametrize(
    ("cache", "is_warned"),
    [
        ({"BACKEND": DJANGO, "LOCATION": "redis://r"}, True),
        ({"BACKEND": DJANGO, "OPTIONS": {"socket_timeout": None}}, True),
        ({"BACKEND": DJANGO, "OPTIONS": {"socket_connect_timeout": 1}}, True),
        ({"BACKEND": DJANGO, "LOCATION": ["redis://r?socket_timeout=1", "redis://s"]}, True),
        ({"BACKEND": PACKAGE, "LOCATION": "redis://r"}, True),
        ({"BACKEND": DJANGO, "OPTIONS": {"socket_timeout": 0.2}}, False),
        ({"BACKEND": DJANGO, "LOCATION": "redis://r?socket_timeout=1"}, False),
        ({"BACKEND": PACKAGE, "OPTIONS": {"SOCKET_TIMEOUT": 1}}, False),
        ({"BACKEND": PACKAGE, "OPTIONS": POOL}, False),
        ({"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache"}, False),
    ],
)
def test_redis_that_may_hang_is_warned_of(
    settings: Any, cache: dict[str, Any], is_warned: bool
) -> None:
    settings.SCIM_PROVIDER = {"THROTTLE_CACHE": "counts"}
    settings.CACHES = {"default": {"BACKEND": DJANGO}, "counts": cache}

    found = [message.id for message in check_deployment()]

    assert found == (["scim_provider.W010"] if is_warned else [])


def test_checks_are_registered() -> None:
    always: list[Any] = checks.registry.registry.get_checks()
    deploying: list[Any] = checks.registry.registry.get_checks(include_deployment_checks=True)

    assert check_settings in always
    assert check_deployment not in always
    assert check_deployment in deploying
