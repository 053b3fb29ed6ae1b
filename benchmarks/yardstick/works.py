"""The rows of the tables that are about users.

A work is tried once, unmeasured, and what it answers is looked at; then it yields requests.
"""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from benchmarks.people import (
    CORE,
    ENTERPRISE,
    OF_A_FAMILY,
    PATCH,
    external_id,
    family_name,
    user_name,
    whole_person,
    work_address,
)
from benchmarks.yardstick.targets import Target

PAGE = 100
SPARE = 150
"""People that are made for being deleted."""
SAMPLE = 7
"""The number of the person whom a work is tried on."""

Messages = Iterator[bytes]


class UnsupportedError(Exception):
    """A project does not do a work, or not as it should."""


@dataclass(frozen=True)
class Work:
    """A row of the tables."""

    name: str
    label: str
    make: Callable[[Target, random.Random], Messages]
    expected: tuple[int, ...] = (200,)
    goal: float | None = None
    """Multiples of the floor that it should cost at most, at 1,000 people on PostgreSQL."""
    at_most: int | None = None
    """Requests of one slice."""
    keeps: bool = False
    """Whether people are made, whose ids have to be known."""
    indexed: bool = True
    """Whether its cost should not grow with the number of people."""


def tried(
    target: Target, method: str, path: str, body: Any = None, *, ok: tuple[int, ...] = (200,)
) -> Any:
    """Send a request unmeasured and return the document."""
    answer = target.door.ask(method, path, body)
    if answer.status not in ok:
        raise UnsupportedError(f"{answer.status} {answer.body[:100]!r}")
    return answer.json()


def check(holds: bool, what: str) -> None:
    """Give up a work that was answered wrongly."""
    if not holds:
        raise UnsupportedError(what)


def patch(op: str, path: str, value: Any = None) -> dict[str, Any]:
    """Return a PATCH of one operation."""
    operation = {"op": op, "path": path} | ({} if value is None else {"value": value})
    return {"schemas": [PATCH], "Operations": [operation]}


def profile(target: Target, number: int, **more: str) -> dict[str, Any]:
    """Return a person as the target takes one."""
    found = whole_person(number, **more)
    if not target.enterprise:
        del found[ENTERPRISE]
        found["schemas"] = [CORE]
    return found


def new_people(target: Target, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield people who are not there yet."""
    mark = f"-{os.getpid():x}-{time.time_ns():x}"
    for place in itertools.count():
        yield profile(target, chance.randrange(10_000_000), mark=f"{mark}-{place}")


def make_person(target: Target, people: Iterator[dict[str, Any]]) -> str:
    """Make one of them and return the id; finds out whether the extension is taken."""
    answer = target.door.ask("POST", "/Users", next(people))
    if answer.status != 201 and target.enterprise:
        target.enterprise = False
        return make_person(target, people)
    check(answer.status == 201, f"{answer.status} {answer.body[:100]!r}")
    return str(answer.json()["id"])


def repeated(target: Target, path: str) -> Messages:
    """Yield the same read again and again."""
    return itertools.repeat(target.door.message("GET", path))


def found_by(expression: Callable[[int], str]) -> Callable[[Target, random.Random], Messages]:
    """Return a work that finds one person by a filter."""

    def make(target: Target, chance: random.Random) -> Messages:
        def path(number: int) -> str:
            return f"/Users?filter={quote(expression(number), safe='')}"

        found = tried(target, "GET", path(SAMPLE))
        names = [each["userName"] for each in found.get("Resources", ())]
        check(names == [user_name(SAMPLE)] and found["totalResults"] == 1, f"found {names[:3]}")
        size = len(target.people)
        while True:
            yield target.door.message("GET", path(chance.randrange(size)))

    return make


def found_family(target: Target, chance: random.Random) -> Messages:
    """Find the active people of a family."""

    def path(number: int) -> str:
        named = f'name.familyName sw "{family_name(number)}" and active eq true'
        return f"/Users?filter={quote(named, safe='')}&count=10"

    total = tried(target, "GET", path(SAMPLE)).get("totalResults", 0)
    check(OF_A_FAMILY - 2 <= total <= OF_A_FAMILY, f"totalResults {total}")
    size = len(target.people)
    while True:
        yield target.door.message("GET", path(chance.randrange(size)))


def read_one(target: Target, chance: random.Random) -> Messages:
    """GET a user."""
    found = tried(target, "GET", f"/Users/{target.people[SAMPLE]}")
    check(found["userName"] == user_name(SAMPLE), "somebody else")
    while True:
        yield target.door.message("GET", f"/Users/{chance.choice(target.people)}")


def page_at(start: Callable[[int], int]) -> Callable[[Target, random.Random], Messages]:
    """Return a work that reads a page by its index."""

    def make(target: Target, chance: random.Random) -> Messages:
        path = f"/Users?startIndex={start(len(target.people))}&count={PAGE}"
        length = min(PAGE, len(target.people))
        check(len(tried(target, "GET", path)["Resources"]) == length, "another number of users")
        return repeated(target, path)

    return make


def page_by_cursor(target: Target, chance: random.Random) -> Messages:
    """Read pages by cursor (RFC 9865), as deep as a walk of eight pages leads."""
    return _pages_at(target, itertools.islice(cursors(target, PAGE), 8))


def page_by_deep_cursor(target: Target, chance: random.Random) -> Messages:
    """Read pages by cursors from the middle and near the end, which nobody has to walk to."""
    if not target.deep:
        check(next(cursors(target, PAGE), None) is not None, "no nextCursor")
        size = len(target.people)
        read = sorted({size // 2, max(PAGE, size - 2 * PAGE)})
        target.deep += [
            _leads_behind(target, number, cursor)
            for number, cursor in zip(read, target.cursors_behind(PAGE, read), strict=True)
        ]
    return _pages_at(target, target.deep)


def _leads_behind(target: Target, read: int, cursor: str) -> str:
    """Return a cursor that was seen to lead to whoever comes behind so many people."""
    after = tried(target, "GET", f"/Users?cursor={quote(cursor, safe='')}&count={PAGE}")
    place = tried(target, "GET", f"/Users?startIndex={read + 1}&count=1")
    first = [page["Resources"][0]["id"] for page in (after, place) if page.get("Resources")]
    check(len(set(first)) == 1 and len(first) == 2, "the cursor leads elsewhere")
    return cursor


def cursors(target: Target, count: int) -> Iterator[str]:
    """Walk from the beginning, and yield each cursor."""
    query = "cursor"
    while True:
        page = tried(target, "GET", f"/Users?{query}&count={count}")
        if not page.get("nextCursor"):
            return
        yield page["nextCursor"]
        query = f"cursor={quote(page['nextCursor'], safe='')}"


def _pages_at(target: Target, found: Iterable[str]) -> Messages:
    paths = [f"/Users?cursor={quote(cursor, safe='')}&count={PAGE}" for cursor in found]
    # The last cursor may lead to the end, where nobody is.
    full = [path for path in paths if tried(target, "GET", path).get("Resources")]
    check(bool(full), "no nextCursor")
    return itertools.cycle([target.door.message("GET", path) for path in full])


def change_active(target: Target, chance: random.Random) -> Messages:
    """PATCH ``active``."""
    path = f"/Users/{target.people[SAMPLE]}"
    tried(target, "PATCH", path, patch("replace", "active", False), ok=(200, 204))
    check(tried(target, "GET", path)["active"] is False, "still active")
    tried(target, "PATCH", path, patch("replace", "active", True), ok=(200, 204))
    for turn in itertools.count():
        change = patch("replace", "active", turn % 2 == 0)
        yield target.door.message("PATCH", f"/Users/{chance.choice(target.people)}", change)


def replace(target: Target, chance: random.Random) -> Messages:
    """PUT a whole profile with another title."""
    _learn_extension(target, chance)
    tried(target, "PUT", f"/Users/{target.people[SAMPLE]}", profile(target, SAMPLE, title="Chief"))
    for turn in itertools.count():
        number = chance.randrange(len(target.people))
        changed = profile(target, number, title=f"Title {turn % 9}")
        yield target.door.message("PUT", f"/Users/{target.people[number]}", changed)


def create(target: Target, chance: random.Random) -> Messages:
    """POST a whole profile."""
    people = new_people(target, chance)
    target.made.append(make_person(target, people))
    for each in people:
        yield target.door.message("POST", "/Users", each)


def delete(target: Target, chance: random.Random) -> Messages:
    """DELETE people who were made for it."""
    people = new_people(target, chance)
    while len(target.made) < SPARE:
        target.made.append(make_person(target, people))
    tried(target, "DELETE", f"/Users/{target.made.pop()}", ok=(204,))
    ids, target.made = target.made, []
    for id in ids:
        yield target.door.message("DELETE", f"/Users/{id}")


def _learn_extension(target: Target, chance: random.Random) -> None:
    target.made.append(make_person(target, new_people(target, chance)))


USER_WORKS = (
    Work("get", "GET one user", read_one, goal=1.9),
    Work("find", "find by userName", found_by(lambda n: f'userName eq "{user_name(n)}"'), goal=2.2),
    Work(
        "external",
        "find by externalId",
        found_by(lambda n: f'externalId eq "{external_id(n)}"'),
        goal=2.2,
    ),
    Work("first", "list 100, first page", page_at(lambda size: 1), goal=1.3, indexed=False),
    Work(
        "last",
        "list 100, last page by index",
        page_at(lambda size: max(1, size - PAGE + 1)),
        goal=1.3,
        indexed=False,
    ),
    Work("cursor", "list 100, by cursor", page_by_cursor, goal=1.3),
    Work("deep", "list 100, by cursor, deep", page_by_deep_cursor, goal=1.3),
    Work(
        "email",
        "emails.value co",
        found_by(lambda n: f'emails.value co "{work_address(n)[:14]}"'),
        goal=2.4,
    ),
    Work("family", "name.familyName sw, active", found_family, goal=3.0),
    Work("patch", "PATCH active", change_active, (200, 204), goal=3.0),
    Work("put", "PUT", replace, goal=2.6),
    Work("post", "POST", create, (201,), goal=3.5, at_most=300, keeps=True),
    Work("delete", "DELETE", delete, (204,), goal=4.0, at_most=SPARE),
)
