"""A PATCH costs what it names and what is stored, never their product."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from django_scim_provider.core.messages import parse_patch_request
from django_scim_provider.core.patching.apply import apply_patch
from django_scim_provider.core.patching.members import split_patch
from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas import GROUP, USER
from django_scim_provider.core.schemas.definitions import Resource
from tests.core.test_patching import CORE, op
from tests.costs import steps


def emails(number: int, start: int = 0, **more: Any) -> list[Resource]:
    return [{"value": f"{n}@x.example", **more} for n in range(start, start + number)]


def stored(number: int) -> Resource:
    return {"schemas": [CORE], "userName": "ann", "emails": emails(number)}


def applied(resource: Resource, operations: list[dict[str, Any]]) -> Resource:
    parsed = parse_patch_request({"Operations": operations}, GENERIC)
    return apply_patch(copy.deepcopy(resource), parsed, USER, GENERIC)


def add_in_one(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("add", "emails", emails(n, n))]


def add_what_is_held(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("add", "emails", emails(n))]


def add_primaries(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("add", "emails", emails(n, n, primary=True))]


def add_one_by_one(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("add", "emails", email) for email in emails(n, n, primary=True)]


def add_without_path(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("add", None, {"emails": emails(n, n, primary=True)})]


def replace_and_add(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    pair = [op("replace", "emails", emails(2)), op("add", "emails", emails(2, 5))]
    return stored(n), pair * (n // 2)


def change_each(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("replace", "emails.type", "home")]


def remove_listed(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("remove", "emails", emails(n // 2))]


def remove_all_but_one(n: int) -> tuple[Resource, list[dict[str, Any]]]:
    return stored(n), [op("remove", 'emails[value ne "1@x.example"]')]


@pytest.mark.parametrize(
    "work",
    [
        add_in_one,
        add_what_is_held,
        add_primaries,
        add_one_by_one,
        add_without_path,
        replace_and_add,
        change_each,
        remove_listed,
        remove_all_but_one,
    ],
)
def test_steps_of_a_patch_grow_as_its_input_does(
    work: Callable[[int], tuple[Resource, list[dict[str, Any]]]],
) -> None:
    def cost(number: int) -> int:
        resource, operations = work(number)
        parsed = parse_patch_request({"Operations": operations}, GENERIC)
        return steps(lambda: apply_patch(resource, parsed, USER, GENERIC))

    assert cost(800) < 2.2 * cost(400)


def test_steps_of_members_added_grow_as_their_number() -> None:
    def cost(number: int) -> int:
        members = [{"value": str(n)} for n in range(number)]
        parsed = parse_patch_request({"Operations": [op("add", "members", members)]}, GENERIC)
        return steps(lambda: split_patch(parsed, GROUP, GENERIC))

    assert cost(800) < 2.2 * cost(400)


def test_a_few_operations_pass_on_a_group_of_any_size() -> None:
    members = [{"value": str(n), "display": f"User {n}"} for n in range(20_000)]
    group = {"schemas": [GROUP.schema.id], "displayName": "g", "members": members}
    operations = [op("remove", f'members[display eq "User {n}"]') for n in range(5)]
    parsed = parse_patch_request({"Operations": operations}, GENERIC)

    assert len(apply_patch(group, parsed, GROUP, GENERIC)["members"]) == 19_995


def test_changes_of_one_attribute_by_many_operations_are_seen_by_the_next() -> None:
    result = applied(
        stored(2),
        [
            op("add", "emails", [{"value": "new@x.example", "type": "work", "primary": True}]),
            op("replace", 'emails[type eq "work"].display', "New"),
            op("remove", 'emails[value eq "0@x.example"]'),
            op("add", "emails", [{"value": "0@x.example", "primary": True}]),
            op("remove", "emails", [{"value": "1@x.example"}]),
            op("add", "emails", [{"value": "0@x.example"}]),
        ],
    )

    assert result["emails"] == [
        {"value": "new@x.example", "type": "work", "primary": False, "display": "New"},
        {"value": "0@x.example", "primary": True},
    ]


def test_an_attribute_is_assigned_between_changes_of_its_values() -> None:
    result = applied(
        stored(3),
        [
            op("remove", 'emails[value eq "0@x.example"]'),
            op("replace", "emails", [{"value": "a@x.example"}]),
            op("add", "emails", [{"value": "b@x.example"}]),
            op("remove", "emails"),
            op("add", "emails", [{"value": "c@x.example"}]),
        ],
    )

    assert result["emails"] == [{"value": "c@x.example"}]
