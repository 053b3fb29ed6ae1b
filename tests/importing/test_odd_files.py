"""CSV files as spreadsheets and people make them: one row keeps no other out, none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError

from django_scim_provider.models import LinkedAccount
from tests.importing.test_commands import run, written
from tests.people import connect, make_user

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return sorted(LinkedAccount.objects.values_list("user_name", flat=True))


@pytest.mark.parametrize("key", ["99999999999999999999999", "-99999999999999999999999", "x", "1e3"])
def test_key_that_no_column_holds_is_nobodys(tmp_path: Path, key: str) -> None:
    connect()
    ann = make_user("ann")
    path = written(tmp_path, f"key,userName\n{key},eve\n{ann.pk},ann\n")

    told = run(path, "--match", "key=id", "--trust-unverified")

    assert "1 skipped: the project has no such user" in told
    assert names() == ["ann"]


def test_name_with_nul_is_nobodys(tmp_path: Path) -> None:
    connect()
    make_user("ann")

    told = run(written(tmp_path, "userName\ne\0ve\nann\n"), "--trust-unverified")

    assert "1 skipped: the project has no such user" in told
    assert names() == ["ann"]


def test_lines_may_end_as_in_files_of_the_first_macintosh(tmp_path: Path) -> None:
    connect()
    make_user("ann")
    path = tmp_path / "people.csv"
    path.write_bytes(b"userName\rann\r")

    assert "users: 1 imported" in run(path, "--trust-unverified")


def test_header_of_groups_is_looked_at_before_anybody_is_imported(tmp_path: Path) -> None:
    connect()
    make_user("ann")
    groups = written(tmp_path, "id,name\n1,Team\n", "groups.csv")

    with pytest.raises(CommandError, match="no column displayName"):
        run(written(tmp_path, "userName\nann\n"), "--groups", groups, "--trust-unverified")

    assert names() == []
