"""What an identity provider knows of the other side, and the moves that several of them share.

A move whose answer was not as needed changes nothing here: what was never created is not updated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django_scim_provider.core.messages import PATCH_URN
from django_scim_provider.core.schemas import GROUP, USER
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA
from django_scim_provider.tools.simulator.exchange import Answer, Check, Exchange, Request, anything
from django_scim_provider.tools.simulator.expectations import all_of, found, has_id
from django_scim_provider.tools.simulator.people import Directory, Person, Team

USER_URN = USER.schema.id
GROUP_URN = GROUP.schema.id
ENTERPRISE_URN = ENTERPRISE_USER_SCHEMA.id
CHUNK = 100
"""Members in one PATCH. Providers do not say how many they send; this is the most that AWS takes,
which they all work with (IAM Identity Center SCIM developer guide, PatchGroup)."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One run of a provider against one endpoint; people and teams are known by their numbers."""

    directory: Directory
    exchange: Exchange
    users: dict[int, str] = field(default_factory=dict)
    """SCIM ids of the people who have an account."""
    groups: dict[int, str] = field(default_factory=dict)
    """SCIM ids of the groups."""
    active: dict[int, bool] = field(default_factory=dict)
    """Who should have access."""
    titles: dict[int, str] = field(default_factory=dict)
    """Which titles people should have."""
    members: dict[int, set[int]] = field(default_factory=dict)
    """Who should be in which group."""
    tried: set[str] = field(default_factory=set)
    """Keys of the people and groups that the server was asked to create."""
    extras: list[str] = field(default_factory=list)
    """Paths of test resources that should have been deleted again."""

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        *expect: int,
        body: Any = None,
        check: Check = anything,
        about: str = "",
        authorization: str | None = None,
    ) -> Answer | None:
        """Send a request; see ``Request`` and ``Exchange.send``."""
        return self.exchange.send(
            Request(
                operation=operation,
                method=method,
                path=path,
                expect=expect,
                body=body,
                check=check,
                about=about,
                authorization=authorization,
            )
        )

    def look_up(self, person: Person, query: str) -> bool:
        """Search for somebody before they are touched; tell whether as many were found as should.

        ``query`` is the encoded one of ``/Users``.
        """
        count = 1 if person.number in self.users else 0
        name = "Find a user again" if count else "Find a user before creating it"
        about = person.display_name
        path = f"/Users?{query}"
        return self.send(name, "GET", path, 200, check=found(count), about=about) is not None

    def create_user(self, person: Person, body: dict[str, Any], check: Check = anything) -> None:
        """Create an account; without an id in the answer it is lost to the provider."""
        self.tried.add(person.key)
        answer = self.send(
            "Create a user",
            *("POST", "/Users", 201),
            body=body,
            check=all_of(has_id, check),
            about=person.display_name,
        )
        if answer is not None:
            self.users[person.number] = answer.body["id"]
            self.active[person.number] = True
            self.titles[person.number] = person.title

    def update_user(
        self, person: Person, method: str, body: dict[str, Any], check: Check = anything
    ) -> None:
        """Give somebody the new title, among other changes; a PATCH may be answered by 204."""
        if self.change_user("Update a user", person, method, body, check):
            self.titles[person.number] = person.new_title

    def set_active(
        self,
        person: Person,
        method: str,
        body: dict[str, Any],
        *,
        active: bool,
        check: Check = anything,
    ) -> None:
        """Give or take access."""
        name = "Reactivate a user" if active else "Deactivate a user"
        if self.change_user(name, person, method, body, check):
            self.active[person.number] = active

    def change_user(
        self,
        operation: str,
        person: Person,
        method: str,
        body: dict[str, Any],
        check: Check = anything,
    ) -> bool:
        """PUT or PATCH an account, where there is one, and tell whether the answer was good."""
        if person.number not in self.users:
            return False
        # RFC 7644 section 3.5.1 and 3.5.2: the resource, or for a PATCH nothing.
        expect = (200,) if method == "PUT" else (200, 204)
        path = self.user_path(person)
        about = person.display_name
        sent = self.send(operation, method, path, *expect, body=body, check=check, about=about)
        return sent is not None

    def read_user(self, person: Person, check: Check = anything) -> dict[str, Any] | None:
        """Return the document of an account, None where there is none."""
        if person.number not in self.users:
            return None
        about = person.display_name
        answer = self.send(
            "Read a user", "GET", self.user_path(person), 200, check=check, about=about
        )
        return None if answer is None else answer.body

    def delete_user(self, person: Person) -> None:
        """Delete an account; its memberships end with it."""
        if person.number not in self.users:
            return
        path, about = self.user_path(person), person.display_name
        if self.send("Delete a user", "DELETE", path, 204, about=about) is not None:
            del self.users[person.number]
            for those in self.members.values():
                those.discard(person.number)

    def create_group(self, team: Team, body: dict[str, Any], members: Sequence[Person]) -> None:
        """Create a group, with the members that ``body`` holds."""
        self.tried.add(team.key)
        answer = self.send(
            *("Create a group", "POST", "/Groups", 201), body=body, check=has_id, about=team.name
        )
        if answer is not None:
            self.groups[team.number] = answer.body["id"]
            self.members[team.number] = {person.number for person in members}

    def change_group(
        self,
        operation: str,
        team: Team,
        body: dict[str, Any],
        *,
        method: str = "PATCH",
        joins: Iterable[Person] = (),
        leaves: Iterable[Person] = (),
    ) -> None:
        """PUT or PATCH a group, where there is one; ``joins`` and ``leaves`` say what it means."""
        if team.number not in self.groups:
            return
        expect = (200,) if method == "PUT" else (200, 204)
        path, about = self.group_path(team), team.name
        sent = self.send(operation, method, path, *expect, body=body, about=about)
        if sent is not None:
            now = self.members[team.number]
            now |= {person.number for person in joins}
            now -= {person.number for person in leaves}

    def delete_group(self, team: Team) -> None:
        """Delete a group."""
        if team.number not in self.groups:
            return
        path, about = self.group_path(team), team.name
        if self.send("Delete a group", "DELETE", path, 204, about=about) is not None:
            del self.groups[team.number]
            self.members.pop(team.number)

    def user_path(self, person: Person) -> str:
        """Return where an account is."""
        return f"/Users/{quote(self.users[person.number], safe='')}"

    def group_path(self, team: Team) -> str:
        """Return where a group is."""
        return f"/Groups/{quote(self.groups[team.number], safe='')}"

    def known(self, people: Iterable[Person]) -> list[Person]:
        """Return those of the people who have an account."""
        return [person for person in people if person.number in self.users]

    def chunks(self, people: Iterable[Person]) -> Iterator[list[Person]]:
        """Yield those who have an account, as many as go into one request."""
        there = self.known(people)
        for start in range(0, len(there), CHUNK):
            yield there[start : start + CHUNK]


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a PATCH (RFC 7644 section 3.5.2)."""
    return {"schemas": [PATCH_URN], "Operations": list(operations)}


def query(**parameters: str | int) -> str:
    """Return an encoded query string, with ``%20`` for spaces."""
    return urlencode(parameters, quote_via=quote)


def equals(attribute: str, value: str) -> str:
    """Return a filter that compares with a string, quoted as in JSON (RFC 7644, 3.4.2.2)."""
    return f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"
