"""Indexes on databases that no SQL of the app is written for: migrations make them."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from django_scim_provider.core.schemas import USER
from django_scim_provider.storage.sql.indexed.attribute_indexes import find, unserved_attributes
from django_scim_provider.storage.user_indexes import unserved_look_ups

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("orm_alone")]


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"undo": True}])
def test_command_has_nothing_to_do(options: dict[str, Any]) -> None:
    out, told = StringIO(), StringIO()
    call_command("scim_index_users", stdout=out, stderr=told, **options)
    assert (out.getvalue(), told.getvalue().split(":")[0]) == ("", "There is nothing to do")


def test_nobody_is_told_that_one_is_missing() -> None:
    named, _ = find("title", [USER])
    assert named
    assert unserved_attributes("default", named) == []
    assert unserved_look_ups("default") == []
