from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.conf import ARGON2_COSTS, get_settings


def test_defaults_are_closed(settings: Any) -> None:
    settings.SCIM_PROVIDER = {}  # to delete a setting tells nobody that it has changed
    del settings.SCIM_PROVIDER

    found = get_settings()

    assert found.STORE_SCIM_TOKEN == "hashed"
    assert found.ARGON2 == {"time_cost": 2, "memory_cost": 19456, "parallelism": 1}
    assert not found.LINK_EXISTING_USERS
    assert not found.ALLOW_PRIVILEGED_USERS
    assert not found.ALLOW_PASSWORD
    assert not found.PUBLIC_DISCOVERY


def test_change_of_the_setting_is_seen(settings: Any) -> None:
    assert get_settings().MAX_PAGE_SIZE == 1000

    settings.SCIM_PROVIDER = {"MAX_PAGE_SIZE": 7}

    assert get_settings().MAX_PAGE_SIZE == 7


@pytest.mark.parametrize("value", [None, [], "x", {"UNKNOWN": 1}])
def test_unusable_setting_means_defaults(settings: Any, value: object) -> None:
    settings.SCIM_PROVIDER = value

    assert get_settings().MAX_LIVE_TOKENS == 5


def test_defaults_are_not_shared(settings: Any) -> None:
    settings.SCIM_PROVIDER = {}

    get_settings().ARGON2["time_cost"] = 99

    assert ARGON2_COSTS["time_cost"] == 2
