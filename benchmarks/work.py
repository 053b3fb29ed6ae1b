"""The work that is measured: the same thing asked of SCIM and of the floors."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from benchmarks.people import CORE, person

CONNECTION = "bench"
PAGE = 100
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
GROUPS = (100, 1000, 10_000)
BEHIND = 600
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True)
class Request:
    """One HTTP request."""

    path: str
    method: str = "GET"
    body: bytes | None = None


Make = Callable[[], Request]


@dataclass(frozen=True)
class Work:
    """One row of the table; each function makes the next request."""

    name: str
    target: float
    """What it may cost at most, in multiples of the floor through a bare DRF view."""
    scim: Make
    drf: Make
    floor: Make


def works(send: Callable[[Request], bytes], size: int) -> list[Work]:
    """Return the rows of DESIGN's table for users; reads walk over many users, as traffic does."""
    numbers = itertools.cycle(range(0, size, max(size // 997, 1)))
    listed = [
        orjson.loads(send(Request(f"/scim/v2/Users?count=500&startIndex={at}")))
        for at in (1, max(size - 500, 1))
    ]
    ids = itertools.cycle([user["id"] for page in listed for user in page["Resources"]])
    cursor = orjson.loads(send(Request("/scim/v2/Users?cursor&count=100")))["nextCursor"]
    late = size - 150
    key = f"{size}-{id(send)}"
    fresh = itertools.count()
    flags = itertools.cycle([b"false", b"true"])

    def floors(name: str, query: Callable[[], str]) -> tuple[Make, Make]:
        return (
            lambda: Request(f"/floor-drf/{name}?{query()}"),
            lambda: Request(f"/floor/{name}?{query()}"),
        )

    def one() -> str:
        return f"id={next(ids)}"

    def patch() -> Request:
        operation = b'{"op":"replace","path":"active","value":%s}' % next(flags)
        body = b'{"schemas":["%s"],"Operations":[%s]}' % (PATCH.encode(), operation)
        return Request(f"/scim/v2/Users/{changed}", "PATCH", body)

    def put() -> Request:
        body: dict[str, Any] = {**person(7), "title": f"Engineer {next(fresh)}"}
        return Request(f"/scim/v2/Users/{changed}", "PUT", orjson.dumps(body))

    def post() -> Request:
        body = {**person(7), "schemas": [CORE], "userName": f"new{key}-{next(fresh)}@bench.example"}
        body["externalId"] = body["userName"]
        body["emails"] = [{"value": body["userName"], "type": "work"}]
        return Request("/scim/v2/Users", "POST", orjson.dumps(body))

    first = quote('externalId eq "ext-7"')
    found = orjson.loads(send(Request(f"/scim/v2/Users?filter={first}")))
    changed = found["Resources"][0]["id"]
    name_filter, id_filter = (
        quote('userName eq "user{}@bench.example"', safe="{}"),
        quote('externalId eq "ext-{}"', safe="{}"),
    )
    return [
        Work(
            "GET one user", 1.5, lambda: Request(f"/scim/v2/Users/{next(ids)}"), *floors("one", one)
        ),
        Work(
            "find by userName",
            1.5,
            lambda: Request(f"/scim/v2/Users?filter={name_filter.format(next(numbers))}"),
            *floors("by-name", lambda: f"name=user{next(numbers)}@bench.example"),
        ),
        Work(
            "find by externalId",
            1.5,
            lambda: Request(f"/scim/v2/Users?filter={id_filter.format(next(numbers))}"),
            *floors("by-external-id", lambda: f"id=ext-{next(numbers)}"),
        ),
        Work(
            "list 100, first page",
            0.6,
            lambda: Request("/scim/v2/Users?count=100"),
            *floors("page", lambda: "offset=0"),
        ),
        Work(
            "list 100, by cursor",
            0.6,
            lambda: Request(f"/scim/v2/Users?cursor={cursor}&count=100"),
            *floors("page", lambda: "offset=100"),
        ),
        Work(
            "list 100, late startIndex",
            0.9,
            lambda: Request(f"/scim/v2/Users?count=100&startIndex={late}"),
            *floors("page", lambda: f"offset={late}"),
        ),
        Work("PATCH active", 2.5, patch, *floors("one", one)),
        Work("PUT", 2.5, put, *floors("one", one)),
        Work("POST", 2.5, post, *floors("one", one)),
        *(
            Work(f"one member, group of {number:,}", 2.5, make, *floors("one", one))
            for number, make in toggles(send, [each for each in GROUPS if each + BEHIND < size])
        ),
    ]


def toggles(send: Callable[[Request], bytes], sizes: list[int]) -> list[tuple[int, Make]]:
    """Return, for a new group of each size, what adds one member and takes it away in turn.

    The members are none of the users whom the other rows are about.
    """
    ids: list[str] = []
    while sizes and len(ids) <= max(sizes):
        path = f"/scim/v2/Users?count=1000&startIndex={BEHIND + len(ids) + 1}&attributes=id"
        ids += [user["id"] for user in orjson.loads(send(Request(path)))["Resources"]]
    return [(number, _toggle(send, ids[:number], ids[number])) for number in sizes]


def _toggle(send: Callable[[Request], bytes], members: list[str], other: str) -> Make:
    body = {
        "schemas": [GROUP],
        "displayName": f"{len(members)} members",
        "members": [{"value": id} for id in members],
    }
    made = orjson.loads(send(Request("/scim/v2/Groups", "POST", orjson.dumps(body))))
    operations = itertools.cycle(
        [
            {"op": "add", "path": "members", "value": [{"value": other}]},
            {"op": "remove", "path": f'members[value eq "{other}"]'},
        ]
    )

    def make() -> Request:
        change = {"schemas": [PATCH], "Operations": [next(operations)]}
        return Request(f"/scim/v2/Groups/{made['id']}", "PATCH", orjson.dumps(change))

    return make
