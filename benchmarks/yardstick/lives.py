"""Traffic of every kind that leaves as many people behind as there were before: life after life.

A life is what becomes of one person in a directory: made, found, changed, put into a group and
deleted, with what goes wrong in between.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from benchmarks.people import GROUP, PATCH, family_name, user_name, whole_person, work_address
from benchmarks.yardstick.targets import Target
from benchmarks.yardstick.wire import Door
from benchmarks.yardstick.works import patch

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
OF_A_BULK = 10
NOBODY = "01890000-0000-7000-8000-000000000000"


@dataclass
class Lives:
    """Lives that are led one after another, by several clients at once."""

    target: Target
    clients: int
    requests: int = 0
    """How many were sent so far."""
    number: int = 0
    """Of the next person, who is nobody's namesake."""
    fault: Exception | None = None

    def lead(self, requests: int) -> None:
        """Go on until so many requests were sent since the beginning.

        Raises:
            UnexpectedError: one was answered by another status than it should be.
        """
        lock = threading.Lock()

        def work() -> None:
            while self.requests < requests and self.fault is None:
                with lock:
                    self.number += 1
                    life = Life(self.target.door, self.target, self.number)
                try:
                    life.lead()
                except Exception as fault:
                    self.fault = fault
                with lock:
                    self.requests += life.requests

        threads = [threading.Thread(target=work) for _ in range(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.fault is not None:
            raise self.fault


class UnexpectedError(Exception):
    """A request was answered by another status than it should be."""


@dataclass
class Life:
    """One person's life."""

    door: Door
    target: Target
    number: int
    requests: int = 0

    def lead(self) -> None:
        """Send all requests, the last of which delete what the others made."""
        person = whole_person(self.number, mark="-life")
        id = self.send(201, "POST", "/Users", person)["id"]
        path = f"/Users/{id}"
        self.read(path)
        self.change(path, person)
        self.join(id)
        self.go_wrong(path, person)
        self.send(204, "DELETE", path)
        self.import_many()

    def read(self, path: str) -> None:
        """Look for the person, and for others; no filter is that of another life."""
        self.send(200, "GET", path)
        self.send(200, "GET", f"{path}?attributes=userName,emails.value")
        other = self.number % len(self.target.people)
        for expression in (
            f'userName eq "{user_name(self.number, "-life")}"',
            f'emails.value co "{work_address(other)[:14]}"',
            f'name.familyName sw "{family_name(other)}" and active eq true',
            f'title pr and not (userName eq "{self.number}") or externalId eq "{self.number}"',
        ):
            self.send(200, "GET", f"/Users?count=10&filter={quote(expression, safe='')}")
        self.send(200, "GET", f"/Users?startIndex={other + 1}&count=100")
        cursor = self.send(200, "GET", "/Users?cursor&count=100").get("nextCursor")
        if cursor:
            self.send(200, "GET", f"/Users?count=100&cursor={quote(cursor, safe='')}")

    def change(self, path: str, person: dict[str, Any]) -> None:
        """Change the person by PATCH and PUT."""
        self.send(200, "PATCH", path, patch("replace", "active", False))
        self.send(200, "PATCH", path, patch("replace", 'emails[type eq "work"].display', "Work"))
        self.send(200, "PUT", path, {**person, "title": f"Title {self.number}"})

    def join(self, id: str) -> None:
        """Put the person into a group and take them out again."""
        group = {"schemas": [GROUP], "displayName": f"life-{self.number}"}
        path = "/Groups/" + self.send(201, "POST", "/Groups", group)["id"]
        self.send(204, "PATCH", path, patch("add", "members", [{"value": id}]))
        self.send(200, "GET", path)
        self.send(200, "GET", f"/Users/{id}")
        self.send(204, "PATCH", path, patch("remove", f'members[value eq "{id}"]'))
        self.send(204, "DELETE", path)

    def go_wrong(self, path: str, person: dict[str, Any]) -> None:
        """Ask for what is not there, or refused."""
        self.send(409, "POST", "/Users", person)
        self.send(404, "GET", f"/Users/{NOBODY}")
        self.send(404, "GET", f"/Nowhere/{self.number}")
        self.send(400, "GET", f"/Users?filter=unknown{self.number}%20eq%201")
        self.send(400, "POST", "/Users", {"schemas": [], "userName": str(self.number)})
        self.send(400, "PATCH", path, {"schemas": [PATCH], "Operations": [{"op": "odd"}]})

    def import_many(self) -> None:
        """Make people in bulk, and delete them in bulk."""
        people = [whole_person(self.number, mark=f"-bulk-{place}") for place in range(OF_A_BULK)]
        made = self.bulk(
            {"method": "POST", "path": "/Users", "bulkId": str(place), "data": each}
            for place, each in enumerate(people)
        )
        paths = [each["location"].rpartition("/scim/v2")[2] for each in made]
        self.bulk({"method": "DELETE", "path": path} for path in paths)

    def bulk(self, operations: Any) -> list[dict[str, Any]]:
        """Send a bulk request and return what its operations were answered.

        Raises:
            UnexpectedError: one of them failed.
        """
        body = {"schemas": [BULK], "Operations": list(operations)}
        done: list[dict[str, Any]] = self.send(200, "POST", "/Bulk", body)["Operations"]
        failed = [each for each in done if each["status"] not in ("201", "204")]
        if failed:
            raise UnexpectedError(f"an operation of a bulk request: {failed[0]}")
        return done

    def send(self, status: int, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return the document that answers it.

        Raises:
            UnexpectedError: the status is another one.
        """
        answer = self.door.ask(method, path, body)
        self.requests += 1
        if answer.status != status:
            told = f"{method} {path}: {answer.status} {answer.body[:200]!r}"
            raise UnexpectedError(told)
        return answer.json()
