"""What is looked at in a type of the project's own, attribute by attribute."""

from __future__ import annotations

import pytest

from tests.selfcheck import broken_types
from tests.selfcheck.conftest import Checked

pytestmark = pytest.mark.django_db
HERE = broken_types.__name__


def test_attributes_of_every_sort_may_be_right(checked: Checked) -> None:
    name = f"type:{HERE}.WHOLE"

    part = checked(name, RESOURCE_TYPES=[f"{HERE}.WHOLE"])[name]

    assert (part.state, part.faults) == ("passed", [])


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("KEEPS_FLOORS", "floor was removed, and is still shown: 7."),
        ("NAMES_ALL", "displayName was sent as null, and is 'Some'."),
    ],
)
def test_store_that_puts_in_what_nobody_sent(checked: Checked, declared: str, says: str) -> None:
    name = f"type:{HERE}.{declared}"

    part = checked(name, RESOURCE_TYPES=[f"{HERE}.{declared}"])[name]

    assert part.state == "failed"
    assert says in [fault.says for fault in part.faults]


def test_type_without_a_route_is_not_tried(checked: Checked) -> None:
    name = f"type:{HERE}.ELSEWHERE"

    part = checked(name, RESOURCE_TYPES=[f"{HERE}.ELSEWHERE"])[name]

    assert (part.state, part.faults) == ("skipped", [])
