"""The people of the benchmarks."""

from __future__ import annotations

from typing import Any

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

OF_A_FAMILY = 10
"""People of each family name, whatever the number of people: a look-up by it finds as many."""


def person(number: int) -> dict[str, Any]:
    """Return a user of about 1 KB, as directories send them."""
    address = f"user{number}@bench.example"
    return {
        "schemas": [CORE, ENTERPRISE],
        "userName": address,
        "externalId": f"ext-{number}",
        "name": {
            "formatted": f"Given{number} Family{number}",
            "givenName": f"Given{number}",
            "familyName": f"Family{number}",
        },
        "displayName": f"Given{number} Family{number}",
        "title": "Engineer",
        "userType": "Employee",
        "preferredLanguage": "en-US",
        "locale": "en-US",
        "timezone": "Europe/Berlin",
        "active": True,
        "emails": [
            {"value": address, "type": "work", "primary": True},
            {"value": f"home{number}@mail.example", "type": "home"},
        ],
        "phoneNumbers": [{"value": f"+1 555 {number:07}", "type": "work"}],
        "addresses": [
            {
                "type": "work",
                "streetAddress": f"{number} Main Street",
                "locality": "Springfield",
                "postalCode": "12345",
                "country": "US",
            }
        ],
        ENTERPRISE: {"employeeNumber": str(number), "department": f"D{number % 50}"},
    }


def user_name(number: int, mark: str = "") -> str:
    """Return the name of a whole person."""
    return f"user{number:07}{mark}@example.com"


def external_id(number: int, mark: str = "") -> str:
    """Return the id that a whole person has with the client."""
    return f"ext-{number:07}{mark}"


def family_name(number: int) -> str:
    """Return the family name that a whole person shares with few others."""
    return f"Family{number // OF_A_FAMILY:06}"


def work_address(number: int, mark: str = "") -> str:
    """Return the first address of a whole person."""
    return f"user{number:07}{mark}@corp{number % 50}.example.com"


def whole_person(number: int, mark: str = "", title: str = "Engineer") -> dict[str, Any]:
    """Return a whole enterprise profile; one in ten is not active.

    ``mark`` keeps people apart that are made while others of the same number are there.
    """
    given, family = f"Given{number % 997}", family_name(number)
    street, code = f"{number % 999} Universal City Plaza", f"{91000 + number % 999}"
    return {
        "schemas": [CORE, ENTERPRISE],
        "userName": user_name(number, mark),
        "externalId": external_id(number, mark),
        "name": {"formatted": f"{given} {family}", "familyName": family, "givenName": given},
        "displayName": f"{given} {family}",
        "nickName": given,
        "profileUrl": f"https://example.com/people/{number}",
        "title": title,
        "userType": "Employee",
        "preferredLanguage": "en-US",
        "locale": "en-US",
        "timezone": "America/Los_Angeles",
        "active": number % 10 != 0,
        "emails": [
            {"value": work_address(number, mark), "type": "work", "primary": True},
            {"value": f"home{number:07}{mark}@mail.example.net", "type": "home"},
        ],
        "phoneNumbers": [
            {"value": f"+1-555-{number % 10000:04}", "type": "work"},
            {"value": f"+1-556-{number % 10000:04}", "type": "mobile"},
        ],
        "addresses": [
            {
                "type": "work",
                "streetAddress": street,
                "locality": "Hollywood",
                "region": "CA",
                "postalCode": code,
                "country": "US",
                "formatted": f"{street}\nHollywood, CA {code} US",
                "primary": True,
            }
        ],
        ENTERPRISE: {
            "employeeNumber": f"{number:07}",
            "costCenter": f"{4000 + number % 100}",
            "organization": "Example Corp",
            "division": f"Division {number % 7}",
            "department": f"Department {number % 50}",
        },
    }
