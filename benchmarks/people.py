"""The people of the benchmarks."""

from __future__ import annotations

from typing import Any

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


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
