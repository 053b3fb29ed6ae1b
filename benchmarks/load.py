"""Fills a connection with users, in bulk, in the form that provisioning would have stored.

    python -m benchmarks.load CONNECTION USERS

prints a token for it.
"""

from __future__ import annotations

import sys
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - models need the set-up above
from django.core.management import call_command  # noqa: E402

from benchmarks.people import person  # noqa: E402
from django_scim_provider.core.schemas import USER  # noqa: E402
from django_scim_provider.core.stored_text import stored_texts  # noqa: E402
from django_scim_provider.models import LinkedAccount  # noqa: E402
from django_scim_provider.models.keys import uuid7  # noqa: E402
from django_scim_provider.storage.clock import now_after  # noqa: E402
from django_scim_provider.storage.users.account_rows import (  # noqa: E402
    account_keys,
    email_rows,
    insert_account,
    insert_emails,
)
from django_scim_provider.tokens.service import generate_scim_token  # noqa: E402

BATCH = 500


def load(provider_id: str, users: int, *, first: int = 0, using: str = "default") -> None:
    """Bring the connection to that many users, numbered from ``first``; those that it has stay."""
    have = LinkedAccount.objects.using(using).of(provider_id).count()
    for start in range(have, users, BATCH):
        end = min(start + BATCH, users)
        _load_batch(provider_id, range(first + start, first + end), using)


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
    rows: list[dict[str, Any]] = []
    emails: list[dict[str, Any]] = []
    for resource in people:
        key, now = uuid7(), now_after()
        texts = stored_texts(resource, USER, id=str(key), version=1, created=now, last_modified=now)
        rows.append(
            {
                "id": key,
                "scim_id": str(key),
                "provider": provider_id,
                "user": keys[resource["userName"]].pk,
                "version": 1,
                "created_at": now,
                "last_modified": now,
                "created_user": True,
                "manages_profile": True,
                "released_at": None,
                **account_keys(resource),
                **texts,
            }
        )
        emails += email_rows(key, resource)
    insert_account.run(using, rows)
    insert_emails.run(using, emails)


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    token = generate_scim_token(sys.argv[1])[1]
    load(sys.argv[1], int(sys.argv[2]))
    sys.stdout.write(token)
