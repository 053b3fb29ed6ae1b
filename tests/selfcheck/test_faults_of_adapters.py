"""What an adapter may answer that the app cannot use, and stores of groups."""

from __future__ import annotations

import pytest

from tests.selfcheck import broken_adapters
from tests.selfcheck.conftest import Checked

pytestmark = pytest.mark.django_db
HERE = broken_adapters.__name__


@pytest.mark.parametrize(
    ("check", "adapter", "method", "says"),
    [
        ("adapter", "WritesAnew", "user_fields", "returns other values each time (last_name)"),
        ("adapter", "LeavesAddressesOut", "user_fields", "leaves email out"),
        ("adapter", "WritesNumbers", "user_fields", "returns 5 for last_name, and the column"),
        ("adapter", "KnowsMore", "user_fields", "returns 'nick_name', which the user model does"),
        ("adapter", "NeverNormal", "normalized", "for first_name"),
        ("adapter", "ProtectsAll", "is_protected", "protects a user whom provisioning just made"),
        ("adapter", "FindsAsWritten", "find_users", "in another case: somebody else may get it"),
        ("adapter", "GivesNoAnswer", "grant_role", "returns None, and True or False is due"),
        ("adapter", "GivesNoAnswer", "role_holders", "still holds 'admin' after revoke_role()"),
        ("adapter", "ForgetsHolders", "role_holders", "does not hold 'admin' after grant_role()"),
        ("users", "KeepsTheDeleted", "delete_user", "is still there and can log in"),
    ],
)
def test_adapter(checked: Checked, check: str, adapter: str, method: str, says: str) -> None:
    part = checked(check, ADAPTER=f"{HERE}.{adapter}")[check]

    (found,) = [fault for fault in part.faults if says in fault.says]
    assert (part.state, found.level) == ("failed", "error")
    assert found.where.endswith(f".{method}")


def test_name_that_is_left_out_may_be_meant(checked: Checked) -> None:
    part = checked("adapter", ADAPTER=f"{HERE}.LeavesNamesOut")["adapter"]

    assert [(fault.level, part.state) for fault in part.faults] == [("warning", "passed")]
    assert "leaves first_name out" in part.faults[0].says


def test_store_of_groups_that_changes_what_it_gets(checked: Checked) -> None:
    part = checked("groups", GROUP_STORE=f"{HERE}.RenamesGroups")["groups"]

    said = " ".join(fault.says for fault in part.faults)
    assert part.state == "failed"
    assert "After creating a group, a group misses 1 members" in said
    assert "Finding a group by its name finds 0 groups" in said


def test_groups_need_people(checked: Checked) -> None:
    part = checked("groups", ADAPTER="tests.selfcheck.test_faults.MakesNobody")["groups"]

    assert (part.state, part.faults) == ("skipped", [])


def test_people_of_the_project_may_name_extensions(checked: Checked) -> None:
    urn = "urn:example:params:scim:schemas:extension:workplace:2.0:User"
    sample = {"name": {"givenName": "Ada"}, urn: {"desk": "{name}"}}

    part = checked("users", sample=sample, EXTENSIONS={"User": ["tests.extensions.WORKPLACE"]})[
        "users"
    ]

    assert (part.state, part.faults) == ("passed", [])
