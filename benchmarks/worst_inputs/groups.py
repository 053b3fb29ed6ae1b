"""Groups with many members, bulk requests, and lists of what is large."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import orjson

from benchmarks.sessions import GROUP, PATCH, USER, Request, Session, bulk, filled, patch

OPERATIONS = 1000
"""What a PATCH has at most by default."""


def put_of_members(session: Session, size: int) -> Request:
    group = session.made("/Groups", schemas=[GROUP], displayName="g")
    ids = session.user_ids(size // 49)
    head = b'{"schemas":["%s"],"displayName":"g","members":[' % GROUP.encode()
    members = (b'{"value":"%s"}' % id.encode() for id in ids)
    return Request("PUT", group, filled(size, head, members, b"]}"))


def patch_adds_members(session: Session, size: int) -> Request:
    group = session.made("/Groups", schemas=[GROUP], displayName="g")
    ids = session.user_ids(size // 49)
    head = b'{"schemas":["%s"],"Operations":[{"op":"add","path":"members","value":['
    members = (b'{"value":"%s"}' % id.encode() for id in ids)
    return Request("PATCH", group, filled(size, head % PATCH.encode(), members, b"]}]}"))


def removes_members_by_display(session: Session, size: int) -> Request:
    members = [{"value": id} for id in session.user_ids(1000)]
    group = session.made("/Groups", schemas=[GROUP], displayName="g", members=members)
    paths = (f'members[display eq "Given{n} Family{n}"]' for n in range(OPERATIONS))
    return patch(group, size, ({"op": "remove", "path": path} for path in paths))


def removes_one_member_by_display(session: Session, size: int) -> Request:
    """The group is as large as a body of the size: a member is 49 bytes of it."""
    members = [{"value": id} for id in session.user_ids((size - 200) // 49)]
    group = session.made("/Groups", schemas=[GROUP], displayName="g", members=members)
    return patch(group, 500, [{"op": "remove", "path": 'members[display eq "Given7 Family7"]'}])


def _nested_groups() -> Iterator[dict[str, Any]]:
    for number in count():
        members = [{"value": f"bulkId:b{number - 1}"}] if number else []
        data = {"schemas": [GROUP], "displayName": f"g{number}", "members": members}
        yield {"method": "POST", "path": "/Groups", "bulkId": f"b{number}", "data": data}


def bulk_of_nested_groups(session: Session, size: int) -> Request:
    return bulk(size, _nested_groups())


def bulk_of_nested_groups_reversed(session: Session, size: int) -> Request:
    taken, length = [], 0
    for operation in _nested_groups():
        length += len(orjson.dumps(operation)) + 1
        if length > size - 200:
            break
        taken.append(operation)
    return bulk(size, reversed(taken))


def bulk_of_users(session: Session, size: int) -> Request:
    data = {"schemas": [USER]}
    return bulk(
        size,
        (
            {
                "method": "POST",
                "path": "/Users",
                "bulkId": f"b{n}",
                "data": {**data, "userName": f"bulk{n}"},
            }
            for n in count()
        ),
    )


def list_of_large_users(session: Session, size: int) -> Request:
    """The answer has the size."""
    for number in range(size // 65_536):
        session.user(f"large{number}", displayName="x" * 65_000)
    return Request("GET", '/Users?filter=userName+sw+"large"&count=1000')


def list_of_large_users_projected(session: Session, size: int) -> Request:
    list_of_large_users(session, size)
    query = 'filter=userName+sw+"large"&count=1000&excludedAttributes=title'
    return Request("GET", f"/Users?{query}")


def list_of_large_groups(session: Session, size: int) -> Request:
    """The answer has about the size: a shown member is 190 bytes."""
    members = [{"value": id} for id in session.user_ids(size // (190 * 4))]
    for number in range(4):
        session.made("/Groups", schemas=[GROUP], displayName=f"g{number}", members=members)
    return Request("GET", "/Groups?count=1000")
