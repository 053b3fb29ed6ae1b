"""System checks of ``INDEXED_ATTRIBUTES``."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.checks import check_settings
from tests.scim_client import ENTERPRISE


def refused(scim_settings: Any, *paths: str) -> list[str]:
    scim_settings(INDEXED_ATTRIBUTES=[*paths])
    return [each.msg for each in check_settings() if each.id == "scim_provider.E012"]


@pytest.mark.parametrize(
    "path",
    [
        "title",
        "TITLE",
        "urn:ietf:params:scim:schemas:core:2.0:User:title",
        "name.middleName",
        "profileUrl",
        "userName",
        "displayName",
        f"{ENTERPRISE}:department",
        f"{ENTERPRISE}:manager.displayName",
    ],
)
def test_texts_of_users_may_be_named(scim_settings: Any, path: str) -> None:
    assert refused(scim_settings, path) == []


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("tittle", "is no attribute of users"),
        ("title pr or title", "is no attribute of users"),
        ("", "is no attribute of users"),
        ("members", "is no attribute of users"),
        ("password", "is never returned"),
        ("emails", "has several values"),
        ("emails.value", "has several values"),
        ("groups.display", "has several values"),
        ("active", "is of the type boolean"),
        ("name", "is complex"),
        ("department", f"has to be written with its schema: {ENTERPRISE}:department"),
        ("meta.created", "is what all schemas have"),
        ("id", "is what all schemas have"),
    ],
)
def test_what_no_index_can_be_for_is_refused(scim_settings: Any, path: str, reason: str) -> None:
    (message,) = refused(scim_settings, "title", path)

    assert f"{path!r} {reason}" in message


def test_setting_is_a_list_of_texts(scim_settings: Any) -> None:
    scim_settings(INDEXED_ATTRIBUTES="title")

    assert [each.id for each in check_settings()] == ["scim_provider.E002"]
