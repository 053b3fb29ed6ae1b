"""Each fault of a project is told where it is, in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.extensions import BADGE_URN
from tests.selfcheck.conftest import Checked

pytestmark = pytest.mark.django_db
HERE = "tests.selfcheck.broken"


@pytest.mark.parametrize(
    ("check", "adapter", "where", "says"),
    [
        pytest.param(
            "users", "Raises", "Raises.update_user (line ", "raises KeyError: 'costCentre'", id="1"
        ),
        pytest.param(
            "users", "Drops", "Drops.update_user", "last_name of the user is 'Checked", id="2"
        ),
        pytest.param(
            "users", "StaysOpen", "StaysOpen.update_user", "the user is active, and the", id="3"
        ),
        pytest.param(
            "adapter", "OtherTypes", "OtherTypes.roles", "'admin', and a sequence", id="4"
        ),
        pytest.param(
            "adapter", "OtherTypes", "OtherTypes.is_protected", "None, and True or False", id="5"
        ),
        pytest.param(
            "adapter",
            "OtherFields",
            "OtherFields.user_fields",
            "returns 'perhaps' for is_staff, which no BooleanField takes",
            id="6",
        ),
        pytest.param(
            "adapter",
            "FindsNobody",
            "FindsNobody.find_users",
            "does not find the user who has this username",
            id="7",
        ),
        pytest.param(
            "users",
            "WritesToOthers",
            "WritesToOthers.update_user (line ",
            "writes to other users: 1 of them changed (last_name)",
            id="8",
        ),
    ],
)
def test_adapter(checked: Checked, check: str, adapter: str, where: str, says: str) -> None:
    part = checked(check, ADAPTER=f"{HERE}.{adapter}")[check]

    found = [fault for fault in part.faults if says in fault.says]
    assert part.state == "failed"
    assert found, part.faults
    if connection.vendor == "mongodb" and check == "users" and "writes to other" in says:
        where = where.removesuffix(" (line ")  # who sends commands there is not seen
    assert found[0].where.startswith(f"{HERE}.{where}")


@pytest.mark.skipif(
    connection.vendor == "mongodb", reason="it refuses the other name, and ends the transaction"
)
def test_what_may_be_meant_is_a_warning(checked: Checked) -> None:
    part = checked("uniqueness", ADAPTER=f"{HERE}.FindsNobody")["uniqueness"]

    (fault,) = part.faults
    assert (part.state, fault.level) == ("passed", "warning")
    assert fault.where == f"{HERE}.FindsNobody.find_users"
    assert "makes two users with one email" in fault.says


@pytest.mark.parametrize(
    ("declared", "where", "says"),
    [
        ("FORGETS_FLOORS", "ForgetsFloors.create", "floor is not shown; "),
        ("FLOORS_AS_TEXTS", "FloorsAsTexts.create", ", a str and no int; "),
        ("REPEATS", "REPEATS", "serialNumber, which is to be unique, (POST /Repeats)"),
        ("OF_EVERYBODY", "OfEverybody", "of one connection is shown to another one"),
        ("RAISES_IN_VALUES", "RaisesInValues.values (line ", "raises KeyError: 'maker'"),
        ("NEEDS_MORE", "NEEDS_MORE", "is needed besides should be declared required"),
    ],
)
def test_resource_type(checked: Checked, declared: str, where: str, says: str) -> None:
    name = f"type:{HERE}.{declared}"

    part = checked(name, RESOURCE_TYPES=[f"{HERE}.{declared}"])[name]

    found = [fault for fault in part.faults if says in fault.says]
    assert part.state == "failed"
    assert found, part.faults
    assert found[0].where.startswith(f"{HERE}.{where}")


def test_extension_that_a_store_loses(checked: Checked) -> None:
    name = "extension:tests.extensions.BADGE"

    part = checked(
        name,
        EXTENSIONS={"User": ["tests.extensions.BADGE"]},
        USER_STORE=f"{HERE}.ForgetfulUsers",
    )[name]

    assert part.state == "failed"
    assert {fault.says.split()[0] for fault in part.faults} == {f"{BADGE_URN}:doors"}
    assert {fault.where for fault in part.faults} == {"tests.extensions.BADGE"}


def test_profile_that_lets_pass_what_the_adapter_cannot_live_with(checked: Checked) -> None:
    checks: dict[str, Any] = checked("profile", ADAPTER=f"{HERE}.Raises")

    (fault,) = checks["profile"].faults[:1]
    assert "as ops_in_any_case allows it" in fault.says
    assert fault.where.startswith(f"{HERE}.Raises.update_user")


def test_what_was_told_is_not_told_again(checked: Checked) -> None:
    parts = checked("users", "adapter", ADAPTER="tests.selfcheck.test_faults.MakesNobody")

    assert [fault.says for fault in parts["users"].faults] == [
        "Creating a user (POST /Users, answered by 500) raises LookupError: nobody."
    ]
    assert (parts["adapter"].faults, parts["adapter"].state) == ([], "skipped")


class MakesNobody:
    """No adapter at all, but for what is asked first."""

    def __init__(self, context: Any) -> None:
        raise LookupError("nobody")
