"""The rows of the tables that are about groups."""

from __future__ import annotations

import itertools
import random
import time
from typing import Any

from benchmarks.people import GROUP
from benchmarks.yardstick.targets import Target
from benchmarks.yardstick.works import (
    Messages,
    UnsupportedError,
    Work,
    check,
    patch,
    repeated,
    tried,
)

CHANGES = 100
"""Members that one slice adds or removes at most: the group keeps about its size."""
WINDOW = 1000


def create(target: Target, chance: random.Random) -> Messages:
    """POST a group without members."""
    mark = f"{time.time_ns():x}"

    def group(place: int) -> dict[str, Any]:
        name = f"made-{mark}-{place}"
        return {"schemas": [GROUP], "displayName": name, "externalId": f"ext-{name}"}

    tried(target, "POST", "/Groups", group(0), ok=(201,))
    for place in itertools.count(1):
        yield target.door.message("POST", "/Groups", group(place))


def adding(size: int) -> Work:
    """Return the work that adds one member."""

    def make(target: Target, chance: random.Random) -> Messages:
        path, newest = _path(target, size), _newest(target, size)
        for number in range(newest, newest + CHANGES + 1):
            target.reached[size] = number + 1
            change = patch("add", "members", [{"value": target.people[number]}])
            if number == newest:
                tried(target, "PATCH", path, change, ok=(200, 204))
            else:
                yield target.door.message("PATCH", path, change)

    return Work(f"add-{size}", f"add one member to {size:,}", make, (200, 204), 3.5, CHANGES)


def removing(size: int) -> Work:
    """Return the work that removes one member, of those that were added."""

    def make(target: Target, chance: random.Random) -> Messages:
        path, newest = _path(target, size), _newest(target, size)
        first = max(size, newest - CHANGES - 1)
        check(first < newest, "nobody was added")
        for number in reversed(range(first, newest)):
            target.reached[size] = number
            change = patch("remove", f'members[value eq "{target.people[number]}"]')
            if number == newest - 1:
                tried(target, "PATCH", path, change, ok=(200, 204))
            else:
                yield target.door.message("PATCH", path, change)

    label = f"remove one member of {size:,}"
    return Work(f"remove-{size}", label, make, (200, 204), 3.5, CHANGES)


def without_members(size: int) -> Work:
    """Return the work that reads a group without its members."""

    def make(target: Target, chance: random.Random) -> Messages:
        path = f"{_path(target, size)}?excludedAttributes=members"
        check(not tried(target, "GET", path).get("members"), "members are sent")
        return repeated(target, path)

    return Work(f"head-{size}", f"read {size:,} without members", make)


def with_members(size: int) -> Work:
    """Return the work that reads a group with its members."""

    def make(target: Target, chance: random.Random) -> Messages:
        members = tried(target, "GET", _path(target, size)).get("members", ())
        check(len(members) >= size, f"{len(members)} members")
        return repeated(target, _path(target, size))

    return Work(f"whole-{size}", f"read {size:,} with members", make)


def replace_members(target: Target, chance: random.Random) -> Messages:
    """Replace 1,000 members by others, of whom ten are new."""
    path, people = _path(target, 0), target.people
    check(len(people) >= WINDOW, "too few people")

    def change(start: int) -> dict[str, Any]:
        members = [{"value": id} for id in people[start : start + WINDOW]]
        return patch("replace", "members", members)

    tried(target, "PATCH", path, change(0), ok=(200, 204))
    starts = max(1, (len(people) - WINDOW) // 10)
    for turn in itertools.count():
        yield target.door.message("PATCH", path, change(10 * (turn % starts)))


def _path(target: Target, size: int) -> str:
    if size not in target.groups:
        raise UnsupportedError("too few people")
    return f"/Groups/{target.groups[size]}"


def _newest(target: Target, size: int) -> int:
    """Return the number of the person who is added next."""
    number = target.reached.get(size)
    if number is None or number + CHANGES >= len(target.people):
        # Somewhere behind the members, so that runs on one database seldom add the same people.
        number = random.randrange(size, max(size + 1, len(target.people) - 10 * CHANGES))  # noqa: S311
    check(number + CHANGES < len(target.people), "too few people")
    return number


GROUP_WORKS = (
    Work("group", "create a group", create, (201,), goal=3.5, at_most=200),
    *(work(size) for size in (100, 1000, 10_000) for work in (adding, removing, without_members)),
    with_members(1000),
    Work(
        "replace-1000",
        "replace 1,000 members",
        replace_members,
        (200, 204),
        goal=3.0,
        at_most=50,
    ),
)
