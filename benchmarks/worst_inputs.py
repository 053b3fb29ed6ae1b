"""The worst request of each kind that we know, for a number of bytes.

Each takes a session, which prepares what the request needs, and the size, and returns the request.
What is refused costs as well: a refusal is an answer.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
from django.test import Client

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BRACKETS = b"[" + b",".join([b"[]"] * 40) + b"]"
VALUES = 1000
"""What a multi-valued attribute holds at most by default."""


@dataclass(frozen=True)
class Request:
    """A request to the SCIM root."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, Any] = field(default_factory=dict)


class Session:
    """Sends requests through Django's handler, without a network."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.client = Client(raise_request_exception=False, headers={"host": "localhost"})

    def send(self, request: Request) -> tuple[int, bytes]:
        """Return the status and the body of the answer."""
        headers = {"HTTP_AUTHORIZATION": f"Bearer {self.token}", **request.headers}
        answer = self.client.generic(
            request.method,
            f"/scim/v2{request.path}",
            request.body,
            content_type="application/scim+json",
            **headers,
        )
        return answer.status_code, b"".join(answer) if answer.streaming else answer.content

    def made(self, path: str, **attributes: Any) -> str:
        """Create a resource and return its path."""
        status, body = self.send(Request("POST", path, orjson.dumps(attributes)))
        if status != 201:
            raise SystemExit(f"POST {path}: {status} {body[:300]!r}")
        return f"{path}/{orjson.loads(body)['id']}"

    def user(self, name: str = "ann", **attributes: Any) -> str:
        """Create a user and return its path."""
        return self.made("/Users", schemas=[USER], userName=name, **attributes)

    def user_ids(self, number: int) -> list[str]:
        """Return the ids of so many of the users that the database was filled with."""
        ids: list[str] = []
        cursor = ""
        while len(ids) < number:
            page = f"/Users?attributes=id&count=1000&cursor={cursor}"
            answer = orjson.loads(self.send(Request("GET", page))[1])
            ids += [user["id"] for user in answer["Resources"]]
            cursor = answer.get("nextCursor", "")
            if not cursor:
                break
        return ids[:number]


def filled(size: int, head: bytes, parts: Iterable[bytes], tail: bytes) -> bytes:
    """Return as many parts, separated by commas, as fit between the head and the tail."""
    taken, length = [], len(head) + len(tail)
    for part in parts:
        length += len(part) + 1
        if length > size:
            break
        taken.append(part)
    return head + b",".join(taken) + tail


def again(part: bytes) -> Iterator[bytes]:
    """Yield a part for ever."""
    while True:
        yield part


def post(size: int, before: bytes, unit: bytes, after: bytes) -> Request:
    """Return a POST of a user whose body is filled with a unit."""
    head = b'{"schemas":["%s"],"userName":"x",' % USER.encode() + before
    number = (size - len(head) - len(after)) // len(unit)
    return Request("POST", "/Users", head + unit * number + after)


def patch(path: str, size: int, operations: Iterable[Any]) -> Request:
    """Return a PATCH with as many operations as fit."""
    head = b'{"schemas":["%s"],"Operations":[' % PATCH.encode()
    return Request("PATCH", path, filled(size, head, map(orjson.dumps, operations), b"]}"))


def bulk(size: int, operations: Iterable[Any]) -> Request:
    """Return a bulk request with as many operations as fit."""
    head = b'{"schemas":["%s"],"Operations":[' % BULK.encode()
    return Request("POST", "/Bulk", filled(size, head, map(orjson.dumps, operations), b"]}"))


def emails(number: int) -> list[dict[str, Any]]:
    """Return e-mail addresses."""
    return [{"value": f"{n}@x.example", "type": "work"} for n in range(number)]


def escaped_quotes_before_brackets(session: Session, size: int) -> Request:
    return post(size, b'"x":"', b'\\"', b'","y":' + BRACKETS + b"}")


def escaped_quotes_after_brackets(session: Session, size: int) -> Request:
    return post(size, b'"y":' + BRACKETS + b',"x":"', b'\\"', b'"}')


def escaped_quotes_without_end(session: Session, size: int) -> Request:
    return post(size, b'"y":' + BRACKETS + b',"x":"', b'\\"', b"")


def deep_nesting(session: Session, size: int) -> Request:
    return Request("POST", "/Users", b"[" * size)


def nesting_within_the_limit(session: Session, size: int) -> Request:
    deep = b"[" * 28 + b"]" * 28
    return post(size, b'"x":[[]', b"," + deep, b"]}")


def repeated_keys(session: Session, size: int) -> Request:
    return post(size, b'"b":0', b',"a":0', b"}")


def keys_in_other_escapes(session: Session, size: int) -> Request:
    return post(size, b'"a":0', b',"\\u0061":0', b"}")


def small_keys(session: Session, size: int) -> Request:
    keys = (b'"k%x":0' % number for number in count())
    head = b'{"schemas":["%s"],"userName":"x",' % USER.encode()
    return Request("POST", "/Users", filled(size, head, keys, b"}"))


def small_objects(session: Session, size: int) -> Request:
    return post(size, b'"x":[{}', b',{"":0}', b"]}")


def long_text(session: Session, size: int) -> Request:
    return post(size, b'"displayName":"', b"x", b'"}')


def combining_marks(session: Session, size: int) -> Request:
    half = (size - 200) // 4
    marks = "\u0301" * half + "\u0323" * half
    return post(size, b'"displayName":"' + marks.encode(), b"x", b'"}')


def ligatures(session: Session, size: int) -> Request:
    return post(size, b'"displayName":"', "\ufdfa".encode(), b'"}')


def certificate_of_blanks(session: Session, size: int) -> Request:
    return post(size, b'"x509Certificates":[{"value":"', b" ", b'!"}]}')


def values_of_an_attribute(session: Session, size: int) -> Request:
    return post(size, b'"emails":[{"value":"a@x"}', b',{"value":"a@x"}', b"]}")


def big_extension(session: Session, size: int) -> Request:
    keys = (b'"k%x":{"a":[0]}' % number for number in count())
    head = b'{"schemas":["%s"],"userName":"x","%s":{' % (USER.encode(), ENTERPRISE.encode())
    return Request("POST", "/Users", filled(size, head, keys, b"}}"))


def patch_adds_emails(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES // 2))
    head = b'{"schemas":["%s"],"Operations":[{"op":"add","path":"emails","value":[' % PATCH.encode()
    parts = (b'{"value":"%d@y.example","primary":true}' % number for number in count())
    return Request("PATCH", path, filled(size, head, parts, b"]}]}"))


def patch_of_many_operations(session: Session, size: int) -> Request:
    path = session.user()
    return patch(path, size, ({"op": "add", "path": "title", "value": str(n)} for n in count()))


def patch_of_long_operations(session: Session, size: int) -> Request:
    """The most operations that are allowed, as long as the body lets them be."""
    text = "x" * max(size // VALUES - 60, 1)
    operations = ({"op": "add", "path": "title", "value": f"{text}{n}"} for n in range(VALUES))
    return patch(session.user(), size, operations)


def patch_of_value_paths(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES))
    selects = (f'emails[value eq "{n}@z"].type' for n in range(VALUES))
    return patch(path, size, ({"op": "remove", "path": each} for each in selects))


def patch_of_long_value_paths(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES))
    terms = " or ".join(['value co "z"'] * 60)
    selects = (f'emails[{terms} or value eq "{n}"].type' for n in range(VALUES))
    return patch(path, size, ({"op": "remove", "path": each} for each in selects))


def patch_of_keys_with_value_paths(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES // 2))
    head = b'{"schemas":["%s"],"Operations":[{"op":"replace","value":{' % PATCH.encode()
    keys = (orjson.dumps(f'emails[value eq "{n}"].type') + b':"x"' for n in count())
    return Request("PATCH", path, filled(size, head, keys, b"}}]}"))


def patch_of_every_value(session: Session, size: int) -> Request:
    path = session.user(emails=emails(VALUES))
    changes = ({"op": "replace", "path": "emails.type", "value": f"t{n}"} for n in range(VALUES))
    return patch(path, size, changes)


def long_filter(session: Session, size: int) -> Request:
    head = b'{"schemas":["%s"],"filter":"userName eq \\"' % SEARCH.encode()
    return Request("POST", "/Users/.search", head + b"x" * (size - len(head) - 4) + b'\\""}')


def long_list_of_attributes(session: Session, size: int) -> Request:
    head = b'{"schemas":["%s"],"attributes":[' % SEARCH.encode()
    names = (b'"a%x.b"' % number for number in count())
    return Request("POST", "/Users/.search", filled(size, head, names, b"]}"))


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
    paths = (f'members[display eq "Given{n} Family{n}"]' for n in range(VALUES))
    return patch(group, size, ({"op": "remove", "path": path} for path in paths))


def removes_one_member_by_display(session: Session, size: int) -> Request:
    """The group is as large as the size: a member is 49 bytes of a body."""
    members = [{"value": id} for id in session.user_ids(size // 49)]
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


def chunked_body(session: Session, size: int) -> Request:
    request = post(size, b'"displayName":"', b"x", b'"}')
    headers = {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_LENGTH": "",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
    }
    return Request("POST", "/Users", headers=headers)


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


KINDS: dict[str, Callable[[Session, int], Request]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        escaped_quotes_before_brackets,
        escaped_quotes_after_brackets,
        escaped_quotes_without_end,
        deep_nesting,
        nesting_within_the_limit,
        repeated_keys,
        keys_in_other_escapes,
        small_keys,
        small_objects,
        long_text,
        combining_marks,
        ligatures,
        certificate_of_blanks,
        values_of_an_attribute,
        big_extension,
        patch_adds_emails,
        patch_of_many_operations,
        patch_of_long_operations,
        patch_of_value_paths,
        patch_of_long_value_paths,
        patch_of_keys_with_value_paths,
        patch_of_every_value,
        long_filter,
        long_list_of_attributes,
        put_of_members,
        patch_adds_members,
        removes_members_by_display,
        removes_one_member_by_display,
        bulk_of_nested_groups,
        bulk_of_nested_groups_reversed,
        bulk_of_users,
        chunked_body,
        list_of_large_users,
        list_of_large_users_projected,
        list_of_large_groups,
    )
}
PEOPLED = frozenset(
    name for name in KINDS if "member" in name or name in ("list-of-large-groups", "bulk-of-users")
)
"""The kinds that need users in the database."""
