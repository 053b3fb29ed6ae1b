"""The onboarding of a company by Okta, request by request (Okta SCIM 2.0 protocol reference)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from example.onboarding.exchange import Exchange
from example.onboarding.people import Person

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PAGE = 100


def expected_requests(count: int) -> int:
    """Return how many requests the onboarding of that many people takes on an empty database."""
    single = 2 + 6 + 2  # test the connection, what must fail, delete
    return 5 * count + 2 * max(1, count // 10) + -(-count // PAGE) + single


@dataclass(slots=True)
class Onboarding:
    """Brings people in, keeps them up to date, and lets some of them go."""

    exchange: Exchange
    token: str
    foreign_token: str
    """Of another connection, which must never see these people."""
    ids: dict[str, str] = field(default_factory=dict)
    """SCIM ids by userName."""

    def play(self, people: Sequence[Person]) -> None:
        """Send everything."""
        leavers = people[: max(1, len(people) // 10)]
        self._test_connection()
        for person in people:
            self._bring_in(person)
        for person in people:
            self._update(person)
        self._import(people)
        for person in leavers:
            self._set_active("Deactivate (PATCH)", person, active=False)
        for person in leavers:
            self._set_active("Reactivate (PATCH)", person, active=True)
        self._try_what_must_fail(people[-1])
        self._remove(people[0])

    def _send(self, name: str, method: str, path: str, **options: Any) -> Any:
        return self.exchange.send(name, method, path, **{"token": self.token, **options})

    def _path(self, person: Person) -> str:
        return f"/Users/{self.ids.get(person.email, 'never-created')}"

    def _test_connection(self) -> None:
        name = "Test the connection"
        self._send(name, "GET", "/ServiceProviderConfig", expect=200, check=_offers_patch)
        self._send(name, "GET", "/Users", params={"startIndex": 1, "count": 2}, expect=200)

    def _bring_in(self, person: Person) -> None:
        """Look for the person first, create only then, and look again."""
        find = {"filter": f'userName eq "{person.email}"', "startIndex": 1, "count": PAGE}
        self._send("Find before create", "GET", "/Users", params=find, expect=200, check=_finds(0))
        created = self._send(
            "Create (POST)",
            "POST",
            "/Users",
            json=person.resource(),
            expect=201,
            check=lambda body: body["userName"] == person.email and "password" not in body,
        )
        if created and "id" in created:
            self.ids[person.email] = created["id"]
        self._send("Find after create", "GET", "/Users", params=find, expect=200, check=_finds(1))

    def _update(self, person: Person) -> None:
        """Read the whole document, change it, and put it back, as Okta does."""
        path = self._path(person)
        document = self._send(
            "Read (GET)",
            "GET",
            path,
            expect=200,
            check=lambda body: body["externalId"] == person.external_id,
        )
        changed = {**(document or {}), "title": "Promoted", "nickName": person.given_name}
        self._send(
            "Update (PUT)",
            "PUT",
            path,
            json=changed,
            expect=200,
            check=lambda body: body["title"] == "Promoted",
        )

    def _import(self, people: Sequence[Person]) -> None:
        """Walk through all pages; everybody must be there, and nobody twice."""
        seen: list[str] = []
        total = 1
        while len(seen) < total:
            page = {"startIndex": len(seen) + 1, "count": PAGE}
            body = self._send(
                "Import (pages)", "GET", "/Users", params=page, expect=200, check=_has_resources
            )
            if not body or not body.get("Resources"):
                break
            total = body["totalResults"]
            seen += [resource["id"] for resource in body["Resources"]]
        known = {self.ids.get(person.email) for person in people}
        if len(seen) != len(set(seen)) or not known <= set(seen):
            self.exchange.steps["Import (pages)"].failures.append(
                f"{len(seen)} users on the pages, {len(set(seen))} of them different, "
                f"{len(known - set(seen))} missing"
            )

    def _set_active(self, name: str, person: Person, *, active: bool) -> None:
        self._send(
            name,
            "PATCH",
            self._path(person),
            json={
                "schemas": [PATCH_OP],
                "Operations": [{"op": "replace", "value": {"active": active}}],
            },
            expect=200,
            check=lambda body: body["active"] is active,
        )

    def _try_what_must_fail(self, person: Person) -> None:
        path = self._path(person)
        self._send(
            "Refuse a duplicate",
            "POST",
            "/Users",
            json=person.resource(),
            expect=409,
            check=lambda body: body["scimType"] == "uniqueness" and body["status"] == "409",
        )
        name = "Refuse wrong tokens"
        self._send(name, "GET", path, token=self.token[:-1], expect=401)
        self._send(name, "GET", path, token="nonsense", expect=401)  # noqa: S106 - it is wrong
        name = "Hide from others"
        find = {"filter": f'userName eq "{person.email}"'}
        other = {"token": self.foreign_token}
        self._send(name, "GET", path, expect=404, **other)
        self._send(name, "GET", "/Users", params=find, expect=200, check=_finds(0), **other)
        self._send(name, "DELETE", path, expect=404, **other)

    def _remove(self, person: Person) -> None:
        self._send("Delete", "DELETE", self._path(person), expect=204)
        self._send("Gone after delete", "GET", self._path(person), expect=404)


def _finds(count: int) -> Any:
    return lambda body: body["totalResults"] == count and len(body.get("Resources", ())) == count


def _has_resources(body: Any) -> bool:
    return len(body.get("Resources", ())) > 0


def _offers_patch(body: Any) -> bool:
    return body["patch"]["supported"] is True and body["filter"]["supported"] is True
