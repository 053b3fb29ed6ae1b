"""What an identity provider knows of the other side, and the moves that several of them share.

A move whose answer was not as needed changes nothing here: what was never created is not updated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django_scim_provider.core.schemas import GROUP, USER
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA
from django_scim_provider.core.urns import PATCH_URN
from django_scim_provider.tools.answers import HTTPAnswer
from django_scim_provider.tools.simulator.directory import Directory, Employee, Team
from django_scim_provider.tools.simulator.expectations import all_of, found, has_id
from django_scim_provider.tools.simulator.traffic import (
    BodyCheck,
    ProviderRequest,
    Traffic,
    anything,
)

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
    traffic: Traffic
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
        check: BodyCheck = anything,
        about: str = "",
        authorization: str | None = None,
    ) -> HTTPAnswer | None:
        """Send a request; see ``ProviderRequest`` and ``Traffic.send``."""
        return self.traffic.send(
            ProviderRequest(operation, method, path, expect, body, check, about, authorization)
        )

    def look_up(self, person: Employee, search: str = "") -> None:
        """Search for somebody before they are touched; as many have to be found as should be.

        ``search`` is an encoded query; without one it is a filter by userName.
        """
        count = 1 if person.number in self.users else 0
        name = "Find a user again" if count else "Find a user before creating it"
        path = f"/Users?{search or query(filter=equals('userName', person.user_name))}"
        self.send(name, "GET", path, 200, check=found(count), about=person.display_name)

    def look_up_group(self, team: Team, search: str = "", check: BodyCheck | None = None) -> None:
        """Search for a group before it is created; without ``search`` by displayName."""
        path = f"/Groups?{search or query(filter=equals('displayName', team.name))}"
        name = "Find a group before creating it"
        self.send(name, "GET", path, 200, check=check or found(0), about=team.name)

    def create_user(
        self, person: Employee, body: dict[str, Any], check: BodyCheck = anything
    ) -> None:
        """Create an account; without an id in the answer it is lost to the provider."""
        self.tried.add(person.key)
        name, whole, about = "Create a user", all_of(has_id, check), person.display_name
        answer = self.send(name, "POST", "/Users", 201, body=body, check=whole, about=about)
        if answer is not None:
            self.users[person.number] = answer.body["id"]
            self.active[person.number] = True
            self.titles[person.number] = person.title

    def update_user(
        self,
        person: Employee,
        method: str,
        body: dict[str, Any],
        check: BodyCheck = anything,
    ) -> None:
        """Give somebody the new title, among other changes; a PATCH may be answered by 204."""
        if self.change_user("Update a user", person, method, body, check):
            self.titles[person.number] = person.new_title

    def set_active(
        self,
        person: Employee,
        method: str,
        body: dict[str, Any],
        *,
        active: bool,
        check: BodyCheck = anything,
    ) -> None:
        """Give or take access."""
        name = "Reactivate a user" if active else "Deactivate a user"
        if self.change_user(name, person, method, body, check):
            self.active[person.number] = active

    def change_user(
        self,
        operation: str,
        person: Employee,
        method: str,
        body: dict[str, Any],
        check: BodyCheck = anything,
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

    def read_user(self, person: Employee, check: BodyCheck = anything) -> dict[str, Any] | None:
        """Return the document of an account, None where there is none."""
        if person.number not in self.users:
            return None
        path, about = self.user_path(person), person.display_name
        answer = self.send("Read a user", "GET", path, 200, check=check, about=about)
        return None if answer is None else answer.body

    def delete_user(self, person: Employee) -> None:
        """Delete an account; its memberships end with it."""
        if person.number not in self.users:
            return
        path, about = self.user_path(person), person.display_name
        if self.send("Delete a user", "DELETE", path, 204, about=about) is not None:
            del self.users[person.number]
            for those in self.members.values():
                those.discard(person.number)

    def create_group(self, team: Team, body: dict[str, Any], members: Sequence[Employee]) -> None:
        """Create a group, with the members that ``body`` holds."""
        self.tried.add(team.key)
        name, about = "Create a group", team.name
        answer = self.send(name, "POST", "/Groups", 201, body=body, check=has_id, about=about)
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
        joins: Iterable[Employee] = (),
        leaves: Iterable[Employee] = (),
    ) -> None:
        """PUT or PATCH a group, where there is one; ``joins`` and ``leaves`` say what it means."""
        if team.number not in self.groups:
            return
        expect = (200,) if method == "PUT" else (200, 204)
        path, about = self.group_path(team), team.name
        if self.send(operation, method, path, *expect, body=body, about=about) is not None:
            now = self.members[team.number]
            now |= {person.number for person in joins}
            now -= {person.number for person in leaves}

    def add_members(
        self,
        team: Team,
        people: Iterable[Employee],
        add: Callable[[Session, list[Employee]], dict[str, Any]],
    ) -> None:
        """Add those who have an account, in operations that ``add`` returns."""
        for some in self.chunks(people):
            body = patch(add(self, some))
            self.change_group("Add members to a group", team, body, joins=some)

    def plain_addition(self, people: list[Employee]) -> dict[str, Any]:
        """Return the operation that adds people to a group by nothing but their ids."""
        return {"op": "add", "path": "members", "value": self.values(people)}

    def delete_group(self, team: Team) -> None:
        """Delete a group."""
        if team.number not in self.groups:
            return
        path, about = self.group_path(team), team.name
        if self.send("Delete a group", "DELETE", path, 204, about=about) is not None:
            del self.groups[team.number]
            self.members.pop(team.number)

    def user_path(self, person: Employee) -> str:
        """Return where an account is."""
        return f"/Users/{quote(self.users[person.number], safe='')}"

    def group_path(self, team: Team) -> str:
        """Return where a group is."""
        return f"/Groups/{quote(self.groups[team.number], safe='')}"

    def known(self, people: Iterable[Employee]) -> list[Employee]:
        """Return those of the people who have an account."""
        return [person for person in people if person.number in self.users]

    def values(self, people: Iterable[Employee]) -> list[dict[str, Any]]:
        """Return people, all of whom have an account, as members of a group."""
        return [{"value": self.users[person.number]} for person in people]

    def chunks(self, people: Iterable[Employee]) -> Iterator[list[Employee]]:
        """Yield those who have an account, as many as go into one request."""
        there = self.known(people)
        for start in range(0, len(there), CHUNK):
            yield there[start : start + CHUNK]


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a PATCH (RFC 7644 section 3.5.2)."""
    return {"schemas": [PATCH_URN], "Operations": list(operations)}


def document(person: Employee, *schemas: str, **more: Any) -> dict[str, Any]:
    """Return what every provider sends of a user, and ``more``."""
    return {
        "schemas": list(schemas),
        "userName": person.user_name,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "emails": [{"value": person.user_name, "type": "work", "primary": True}],
        "title": person.title,
        "active": True,
        **more,
    }


def query(**parameters: str | int) -> str:
    """Return an encoded query string, with ``%20`` for spaces."""
    return urlencode(parameters, quote_via=quote)


def equals(attribute: str, value: str) -> str:
    """Return a filter that compares with a string, quoted as in JSON (RFC 7644, 3.4.2.2)."""
    return f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"
