from __future__ import annotations

from typing import Any

import pytest
from django.core import checks

from django_scim_provider import checks as own_checks
from django_scim_provider.checks import check_deployment, check_settings

NOT_CALLABLE = 1


def ids(settings: Any, value: Any) -> list[str]:
    settings.SCIM_PROVIDER = value
    return [str(message.id).removeprefix("scim_provider.") for message in check_settings()]


def default(**changes: Any) -> dict[str, Any]:
    entry = {"provider_id": "acme", "scim_token": "s" * 24, **changes}
    return {"DEFAULT_SCIM": [entry]}


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
        {"RESOURCE_TYPES": ["django_scim_provider.core.schemas.USER"]},
        {"EXTENSIONS": {"User": ["django_scim_provider.core.schemas.USER"]}},
        {"DEPROVISION": "deactivate"},
        default(organization_id="org", profile="okta", scopes=["scim.users.read"]),
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
        pytest.param({"LAST_USED_INTERVAL": -1}, "E002", id="negative"),
        pytest.param({"DEFAULT_PAGE_SIZE": 2000}, "E002", id="page-above-the-limit"),
        pytest.param({"DEPROVISION": "forget"}, "E002", id="no-choice"),
        pytest.param({"EXTENSIONS": {"User": "path"}}, "E002", id="text-for-list"),
        pytest.param({"DEFAULT_SCIM": {}}, "E002", id="dict-for-list"),
        pytest.param({"DATABASE": "other"}, "E002", id="no-such-database"),
        pytest.param({"LINK_EXISTING_USERS": True}, "E002", id="not-yet"),
        pytest.param({"ARGON2": {"time_cost": 0}}, "E002", id="no-cost"),
        pytest.param({"ARGON2": {"time": 1}}, "E003", id="unknown-cost"),
        pytest.param({"PROVIDER_OWNERSHIP": {"on": True}}, "E003", id="unknown-ownership-key"),
        pytest.param({"MAX_PAGESIZE": 1}, "E003", id="misspelt"),
        pytest.param({"ADAPTER": "nowhere.Adapter"}, "E004", id="no-adapter"),
        pytest.param({"RESOURCE_TYPES": ["nodots"]}, "E004", id="no-path"),
        pytest.param({"EXTENSIONS": {"User": ["a.b"]}}, "E004", id="no-extension"),
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
    ],
)
def test_deployment_is_warned(settings: Any, value: dict[str, Any], expected: list[str]) -> None:
    settings.SCIM_PROVIDER = value

    assert [message.id for message in check_deployment()] == expected


def test_checks_are_registered() -> None:
    always: list[Any] = checks.registry.registry.get_checks()
    deploying: list[Any] = checks.registry.registry.get_checks(include_deployment_checks=True)

    assert check_settings in always
    assert check_deployment not in always
    assert check_deployment in deploying
