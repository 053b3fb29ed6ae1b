"""Fills a connection with users, in bulk, in the form that provisioning would have stored."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from django_scim_provider.core.schemas import USER
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.account_rows import (
    account_keys,
    email_rows,
    insert_account,
    insert_emails,
)
from django_scim_provider.storage.forms import forms, now_after

BATCH = 500
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


def load(provider_id: str, users: int, *, using: str = "default") -> None:
    """Bring the connection to that many users; those that it has stay."""
    have = LinkedAccount.objects.using(using).of(provider_id).count()
    for start in range(have, users, BATCH):
        _load_batch(provider_id, range(start, min(start + BATCH, users)), using)


def _load_batch(provider_id: str, numbers: range, using: str) -> None:
    model, people = get_user_model(), [person(number) for number in numbers]
    hosts = [
        model(username=p["userName"], email=p["userName"], first_name=p["name"]["givenName"])
        for p in people
    ]
    for host in hosts:
        host.set_unusable_password()
    model._default_manager.using(using).bulk_create(hosts)
    keys = model._default_manager.using(using).in_bulk(
        [p["userName"] for p in people], field_name="username"
    )
    rows, emails = [], []
    for resource in people:
        key, now = uuid7(), now_after()
        texts = forms(resource, USER, id=str(key), version=1, created=now, last_modified=now)
        rows.append(
            {
                "id": key,
                "provider": provider_id,
                "user": keys[resource["userName"]].pk,
                "version": 1,
                "created_at": now,
                "last_modified": now,
                "created_user": True,
                "manages_profile": True,
                **account_keys(resource),
                **texts,
            }
        )
        emails += email_rows(key, resource)
    insert_account.run(using, rows)
    insert_emails.run(using, emails)
