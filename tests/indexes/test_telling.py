"""Who is told that an index is missing."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client

from django_scim_provider.checks.data import check_data
from django_scim_provider.storage.sql import vendors
from tests.factories import make_connection
from tests.health.pages import page
from tests.indexes.conftest import Run

pytestmark = pytest.mark.django_db(transaction=True)


def warnings() -> list[str]:
    return [each.msg for each in check_data(["default"]) if each.id == "scim_provider.W014"]


def test_check_warns_until_they_are_made(index_users: Run) -> None:
    before = warnings()
    assert any("auth_user (email)" in each for each in before)
    assert any("auth_user (is_superuser, is_staff)" in each for each in before)

    index_users()

    assert warnings() == []


def test_check_tells_which_command_helps() -> None:
    err = StringIO()

    call_command("check", "--database", "default", stdout=StringIO(), stderr=err)

    assert "scim_provider.W014" in err.getvalue()
    assert "manage.py scim_index_users" in err.getvalue()


def test_health_page_says_so_until_they_are_made(index_users: Run, root: Client) -> None:
    acme = make_connection()
    assert "auth_user (email)" in page(root, acme)
    assert "scim_index_users" in page(root, acme)

    index_users()

    assert "scim_index_users" not in page(root, acme)


def test_other_vendors_are_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendors, "_known", {})
    monkeypatch.setattr(connections["default"], "vendor", "cousin")

    assert warnings() == []


def test_table_that_is_not_there_yet_is_no_fault() -> None:
    assert vendors.vendor_of("default").indexes_of(connection, "no_such_table") is None


def test_command_that_comes_before_the_tables_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User._meta, "db_table", "no_such_table")
    out = StringIO()

    with pytest.raises(CommandError, match=r"no table no_such_table in .* Run migrate first\."):
        call_command("scim_index_users", stdout=out, stderr=out)

    assert out.getvalue() == ""
