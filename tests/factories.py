"""What tests need in the database, in one line each."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import stored_texts
from django_scim_provider.models.keys import least_key_of, uuid7
from django_scim_provider.storage.sql.documents import account_documents
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.users.account_rows import (
    account_keys,
    email_rows,
    insert_account,
    insert_emails,
)
from django_scim_provider.testing.made_rows import make_connection, make_token

__all__ = ["account_row", "key_of", "make_account", "make_connection", "make_token"]

_numbers = count()


def key_of(moment: datetime) -> UUID:
    """Return a key as it would have been made at a moment, after those of earlier calls for it."""
    return UUID(int=least_key_of(moment).int | next(_numbers))


def make_account(provider_id: str, resource: Resource, number: int | str) -> str:
    """Store an account and a host's user named after the number; return the SCIM id.

    No rule of provisioning is asked: addresses may repeat.
    """
    model = get_user_model()
    user = model._default_manager.create(**{model.USERNAME_FIELD: f"user{number}@host.example"})
    row = account_row(provider_id, resource, user)
    insert_account.run("default", [row])
    account_documents.insert("default", [row])
    insert_emails.run("default", email_rows(provider_id, row["id"], resource))
    return str(row["id"])


def account_row(
    provider_id: str, resource: Resource, user: Any, *, scim_id: str | None = None
) -> dict[str, Any]:
    """Return the row of an account that provisioning made, for a user of the project."""
    resource = {**resource, "active": resource.get("active", True)}
    key, now = uuid7(), now_after()
    id = scim_id or str(key)
    texts = stored_texts(resource, USER, id=id, version=1, created=now, last_modified=now)
    row = {
        "id": key,
        "scim_id": id,
        "provider": provider_id,
        "user": user.pk,
        "version": 1,
        "created_at": now,
        "last_modified": now,
        "created_user": True,
        "manages_profile": True,
        "released_at": None,
    }
    return {**row, **account_keys(resource), **texts}
