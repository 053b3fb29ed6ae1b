"""A group from the first request to the last."""

from __future__ import annotations

from collections.abc import Iterator

from django_scim_provider.core.schemas import GROUP
from django_scim_provider.selfcheck.checked_connection import CheckedConnection, unexpected
from django_scim_provider.selfcheck.of_users import patch_of, store_of
from django_scim_provider.selfcheck.told_faults import NothingToCheck, ToldFault


def life_of_a_group(checked: CheckedConnection) -> Iterator[ToldFault]:
    """Yield what goes wrong while a group is made, gets members, loses them and is deleted."""
    where = store_of("Group")
    people = [
        checked.step("Creating a user", "POST", "/Users", checked.user(), expect=(201,))
        for _ in range(2)
    ]
    if not all(person.went for person in people):
        raise NothingToCheck("There are no users to put into groups.")
    first, second = (str(person.answer.body["id"]) for person in people)
    name = f"Checked group {checked.run} {checked.number()}"
    body = {
        "schemas": [GROUP.schema.id],
        "displayName": name,
        "members": [{"value": first}],
    }
    step = checked.step("Creating a group", "POST", "/Groups", body, expect=(201,), where=where)
    yield from step.faults
    if not step.went:
        return
    path = f"/Groups/{step.answer.body.get('id')}"
    yield from _members_are(checked, path, "creating a group", {first}, where)
    for what, operation, members in (
        (
            "adding a member",
            {"op": "add", "path": "members", "value": [{"value": second}]},
            {first, second},
        ),
        ("removing a member", {"op": "remove", "path": f'members[value eq "{first}"]'}, {second}),
    ):
        sent = patch_of(operation)
        words = what[0].upper() + what[1:]
        changed = checked.step(words, "PATCH", path, sent, where=where)
        yield from changed.faults
        if changed.went:
            yield from _members_are(checked, path, what, members, where)
    found = checked.caller.get("/Groups", filter=f'displayName eq "{name}"')
    if found.status != 200:
        yield unexpected("Finding a group by its name", found, (200,), where)
    elif len(found.resources) != 1:
        says = f"Finding a group by its name finds {len(found.resources)} groups."
        yield ToldFault(where, says)
    yield from checked.step("Deleting a group", "DELETE", path, expect=(204,), where=where).faults


def _members_are(
    checked: CheckedConnection, path: str, after: str, due: set[str], where: str
) -> Iterator[ToldFault]:
    answer = checked.caller.get(path)
    if answer.status != 200:
        yield unexpected("Reading a group", answer, (200,), where)
        return
    there = {str(member.get("value")) for member in answer.body.get("members", ())}
    if there != due:
        missing, extra = len(due - there), len(there - due)
        yield ToldFault(
            where, f"After {after}, a group misses {missing} members and has {extra} too many."
        )
