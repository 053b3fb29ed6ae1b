"""What the doctor says of indexes that the settings ask for."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from django_scim_provider.management import examined_token
from django_scim_provider.models import SCIMToken
from django_scim_provider.tools.doctor.examinations.token_state import GivenToken
from tests.doctor.conftest import Examine, Serve

ASKED = "django_scim_provider.management.examined_token.unserved_attributes"


def test_attributes_without_an_index_are_a_warning(
    serve: Serve, examine: Examine, scim_settings: Any, token: str
) -> None:
    server = serve()
    assert examine(server.url, token, "--no-write").ids == []
    scim_settings(INDEXED_ATTRIBUTES=["title", "nickName"])

    found = examine(server.url, token, "--no-write")

    assert (found.code, found.ids) == (0, ["filter-without-index"])
    assert "title, nickName" in found.seen


def test_database_that_does_not_know_the_token_says_nothing(scim_settings: Any, token: str) -> None:
    scim_settings(INDEXED_ATTRIBUTES=["title"])
    assert examined_token.ProjectToken(token).unindexed() == ["title"]
    SCIMToken.objects.all().delete()

    assert examined_token.ProjectToken(token).unindexed() == ()
    assert examined_token.ProjectToken("no token").unindexed() == ()
    assert GivenToken(token).unindexed() == ()


def test_database_that_cannot_be_read_says_nothing(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    def fail(*args: Any) -> Any:
        raise DatabaseError("no such table")

    monkeypatch.setattr(ASKED, fail)

    assert examined_token.ProjectToken(token).unindexed() == ()
