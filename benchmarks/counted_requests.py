"""Counts what each kind of request sends to one database, for ``round_trips``.

    python -m benchmarks.counted_requests KIND PEOPLE MEMBERS TIMES

prints JSON.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from threading import Thread
from typing import Any
from uuid import UUID

import django

django.setup()

import orjson  # noqa: E402 - with the others, behind the set-up
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks.counting import sent, transactions  # noqa: E402
from benchmarks.load import load  # noqa: E402
from benchmarks.people import GROUP, PATCH, person  # noqa: E402
from benchmarks.seed import insert_group  # noqa: E402
from benchmarks.sessions import Request, Session  # noqa: E402
from django_scim_provider.models import LinkedAccount  # noqa: E402
from django_scim_provider.tokens.service import generate_scim_token  # noqa: E402
from tests.portable.watching.vendor import only_portable  # noqa: E402
from tests.tenancy.models import Membership, Organization  # noqa: E402

WRITERS, CHANGES = 8, 10
MOST_HEAVY = 2
"""How often a request that takes long is sent to see what CPU it takes."""
Work = Callable[[int], tuple[Session, Request]]


class Bench:
    """A connection with people, and that of a large organization."""

    def __init__(self, people: int, members: int) -> None:
        self.people = people
        self.session = Session(generate_scim_token("plain")[1])
        load("plain", people)
        self.ids = list(map(str, _accounts("plain")))
        organization = Organization.objects.create(pk="large")
        self.organized = Session(generate_scim_token("organized", organization_id="large")[1])
        load("organized", people, first=people)
        self.organized_ids = list(map(str, _accounts("organized")))
        users = get_user_model()._default_manager
        users.bulk_create(
            [get_user_model()(username=f"own{number}") for number in range(members - people)],
            batch_size=500,
        )
        own = users.filter(username__startswith="own")
        keys = [*_users("organized"), *own.values_list("pk", flat=True)]
        rows = [Membership(organization=organization, user_id=key) for key in keys]
        Membership.objects.bulk_create(rows, batch_size=500)
        self.group = f"/Groups/{insert_group('plain', people, _accounts('plain'))}"
        self.held = f"/Groups/{insert_group('organized', people, _accounts('organized'))}"
        self.cursor = orjson.loads(self.session.send(Request("GET", "/Users?cursor&count=100"))[1])[
            "nextCursor"
        ]

    def _group(self, name: str) -> dict[str, Any]:
        members = [{"value": id} for id in self.ids]
        return {"schemas": [GROUP], "displayName": name, "members": members}

    @property
    def works(self) -> dict[str, Work]:
        """Return what is asked, by its name."""
        find = "/Users?filter=userName%20eq%20%22user{}%40bench.example%22"
        family = "/Users?filter=name.familyName%20eq%20%22Family{}%22"

        def get(path: str, session: Session = self.session) -> Work:
            return lambda number: (session, Request("GET", path.format(number)))

        def user(number: int, ids: list[str]) -> str:
            return f"/Users/{ids[number]}"

        return {
            "Create a user": lambda number: (
                self.session,
                Request("POST", "/Users", orjson.dumps(person(100_000 + number))),
            ),
            "Read a user": lambda number: (self.session, Request("GET", user(number, self.ids))),
            "Find by ``userName``": get(find),
            "Find by ``name.familyName``": get(family),
            "First page of 100": get("/Users?count=100"),
            "Next page of 100, by cursor": get(f"/Users?count=100&cursor={self.cursor}"),
            "PATCH a user": lambda number: (
                self.session,
                _change(user(number, self.ids), f"Title {number}"),
            ),
            "Deactivate a user": lambda number: (
                self.session,
                _change(user(number, self.ids), False, "active"),
            ),
            "Create a group of 1,000": lambda number: (
                self.session,
                Request("POST", "/Groups", orjson.dumps(self._group(f"g{number}"))),
            ),
            "Read a group of 1,000": get(self.group),
            "Take one out of a group of 1,000": lambda number: (
                self.session,
                _members(self.group, "remove", self.ids[number]),
            ),
            "Add one to a group of 1,000": lambda number: (
                self.session,
                _members(self.group, "add", self.ids[number]),
            ),
            "Delete a user": lambda number: (
                self.session,
                Request("DELETE", user(-1 - number, self.ids)),
            ),
            "Organization: read a user": lambda number: (
                self.organized,
                Request("GET", user(number, self.organized_ids)),
            ),
            "Organization: PATCH a user": lambda number: (
                self.organized,
                _change(user(number, self.organized_ids), f"Title {number}"),
            ),
            "Organization: first page of 100": get("/Users?count=100", self.organized),
            "Organization: read a group of 1,000": get(self.held, self.organized),
        }


def _change(path: str, value: Any, name: str = "title") -> Request:
    return _patch(path, {"op": "replace", "path": name, "value": value})


def _members(path: str, op: str, id: str) -> Request:
    return _patch(path, {"op": op, "path": "members", "value": [{"value": id}]})


def _patch(path: str, operation: dict[str, Any]) -> Request:
    return Request("PATCH", path, orjson.dumps({"schemas": [PATCH], "Operations": [operation]}))


def _accounts(provider: str) -> list[UUID]:
    """Return the keys of the accounts, whose texts are their ids."""
    return list(LinkedAccount.objects.of(provider).order_by("pk").values_list("pk", flat=True))


def _users(provider: str) -> list[Any]:
    return list(LinkedAccount.objects.of(provider).values_list("user_id", flat=True))


def measured(name: str, work: Work, times: int) -> dict[str, float]:
    """Return what one request sends, and the CPU seconds of one of several."""
    send(name, work, 0)
    with sent() as found:
        send(name, work, 1)
    times = min(times, MOST_HEAVY) if "1,000" in name else times
    started = time.process_time()
    for number in range(2, 2 + times):
        send(name, work, number)
    return {**found, "cpu": (time.process_time() - started) / times}


def send(name: str, work: Work, number: int) -> None:
    """Send a request of a kind."""
    session, request = work(number)
    status, body = session.send(request)
    if status >= 300:
        raise SystemExit(f"{name}: {status} {body[:300]!r}")


def at_once(session: Session, id: str) -> dict[str, Any]:
    """Let several clients change one user, and return their answers and transactions."""
    answers: Counter[str] = Counter()
    tries: list[int] = []

    def change(writer: int) -> None:
        for number in range(CHANGES):
            before, text = begun(), f"Title {writer} {number}"
            status, _ = session.send(_change(f"/Users/{id}", text))
            answers[str(status)] += 1
            tries.append(begun() - before)
        connection.close()

    threads = [Thread(target=change, args=(writer,)) for writer in range(WRITERS)]
    with transactions() as begun:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {"answers": answers, "tries": sum(tries), "most": max(tries)}


def main(kind: str, people: int, members: int, times: int) -> dict[str, Any]:
    """Return all of one database, which is made for it."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        with only_portable() if kind == "portable" else nullcontext():
            bench = Bench(people, members)
            works = {name: measured(name, work, times) for name, work in bench.works.items()}
            return {"works": works, "contention": at_once(bench.session, bench.ids[people // 2])}
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    logging.disable()
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:]))))
