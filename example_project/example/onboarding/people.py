"""The people of an invented company, as Okta describes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GIVEN_NAMES = (
    "Ada", "Björn", "Chloé", "Diego", "Emeka", "Fatima", "Grace", "Hiroshi", "Ines", "Jonas",
    "Katarzyna", "Liam", "Mei", "Noor", "Olga", "Priya", "Quentin", "Rosa", "Søren", "Tariq",
)  # fmt: skip
FAMILY_NAMES = (
    "Almeida", "Bergström", "Chen", "Dubois", "Eze", "Fischer", "García", "Haddad", "Ito", "Jensen",
    "Kowalska", "Lindqvist", "Müller", "Nguyen", "O'Brien", "Patel", "Rossi", "Sato", "Tanaka",
)  # fmt: skip
TITLES = ("Engineer", "Accountant", "Designer", "Sales Manager", "Nurse", "Analyst", "Recruiter")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the identity provider's directory."""

    number: int
    given_name: str
    family_name: str
    email: str
    external_id: str

    def resource(self) -> dict[str, Any]:
        """Return the body with which Okta creates the person (Okta SCIM 2.0 protocol reference)."""
        return {
            "schemas": [USER],
            "userName": self.email,
            "name": {"givenName": self.given_name, "familyName": self.family_name},
            "emails": [{"primary": True, "value": self.email, "type": "work"}],
            "displayName": f"{self.given_name} {self.family_name}",
            "title": TITLES[self.number % len(TITLES)],
            "locale": "en-US",
            "externalId": self.external_id,
            "groups": [],
            "password": f"not-kept-{self.external_id}",
            "active": True,
        }


def staff(count: int, *, run: str) -> list[Person]:
    """Return that many people; ``run`` sets those of one demo apart from those of another."""
    return [
        Person(
            number=number,
            given_name=GIVEN_NAMES[number % len(GIVEN_NAMES)],
            family_name=FAMILY_NAMES[number % len(FAMILY_NAMES)],
            email=f"person{number:04d}@{run}.example.com",
            external_id=f"00u{run}{number:04d}",
        )
        for number in range(count)
    ]
