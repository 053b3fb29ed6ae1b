"""Fills tables with people and groups, in bulk, in the form that provisioning would have stored.

A measuring tool that has Django set up calls ``seed`` and takes the token from ``TOKEN``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from multiprocessing import get_context
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management import call_command
from django.db import connection, transaction

from benchmarks.index_pause import without_indexes
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schemas import GROUP, USER
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.stored_text import stored_texts
from django_scim_provider.models import GroupMember, ProvisionedGroup
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.sql.documents import account_documents, group_documents
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.users.account_rows import (
    account_keys,
    email_rows,
    insert_account,
    insert_emails,
)
from django_scim_provider.tokens.service import generate_scim_token

CONNECTION = "perf"
BATCH = 500
MANY = 20
"""Batches from which on a second process is worth its beginning."""
PROCESSES = 2
GROUP_URN = "urn:ietf:params:scim:schemas:core:2.0:Group"
TOKEN: dict[str, str] = {}
"""``token``: what a client sends; there once ``seed`` has run."""


def seed(
    n: int, profile: Callable[[int], Resource], sizes: Iterable[int], *, indexes: bool = True
) -> tuple[list[str], dict[int, str]]:
    """Make ``n`` people and a group of each size; return the ids of people, and of groups by size.

    ``profile`` gives the resource of each number from 0 on. A group of a size has the first so many
    people as its members. With ``indexes`` the user table gets those that the app's check asks of
    every project.

    Who changes what is stored changes ``yardstick.targets.ROWS``.
    """
    TOKEN["token"] = generate_scim_token(CONNECTION)[1]
    with without_indexes(connection):
        keys = _inserted(n, profile)
        groups = {size: str(insert_group(CONNECTION, size, keys[:size])) for size in sizes}
    if indexes:
        call_command("scim_index_users", verbosity=0)
    return [str(key) for key in keys], groups


def _inserted(n: int, profile: Callable[[int], Resource]) -> list[UUID]:
    """Insert people, by two processes where that is faster, and return their keys in order."""
    starts = range(0, n, BATCH)
    insert = partial(_insert_batch, profile, n)
    if connection.vendor != "postgresql" or len(starts) < MANY:
        return [key for start in starts for key in insert(start)]
    # Each has a connection of its own, which no process can share.
    connection.close()
    with get_context("fork").Pool(PROCESSES, maxtasksperchild=None) as pool:
        return [key for keys in pool.imap(insert, starts) for key in keys]


def _insert_batch(profile: Callable[[int], Resource], n: int, start: int) -> list[UUID]:
    people = [profile(number) for number in range(start, min(n, start + BATCH))]
    with transaction.atomic():
        return insert_people(CONNECTION, people)


def insert_people(
    provider_id: str, people: Sequence[Resource], *, using: str = "default"
) -> list[UUID]:
    """Insert users of the project and accounts of a connection; return the accounts' keys."""
    hosts = _insert_hosts(people, using)
    rows: list[dict[str, Any]] = []
    emails: list[dict[str, Any]] = []
    for resource in people:
        key = uuid7()
        host = hosts[resource["userName"]].pk
        own = {"provider": provider_id, "user": host, "created_user": True}
        state = {"manages_profile": True, "released_at": None}
        rows.append({**_stored(key, resource, USER), **account_keys(resource), **own, **state})
        emails += email_rows(provider_id, key, resource)
    writes = Writes(using)
    writes.insert(insert_account, rows)
    account_documents.add(writes, rows)
    writes.insert(insert_emails, emails)
    writes.run()
    return [row["id"] for row in rows]


def insert_group(provider_id: str, size: int, accounts: Sequence[UUID]) -> UUID:
    """Insert a group that is named by its size, with accounts as members; return its key."""
    key, name, external_id = uuid7(), f"group-{size}", f"gext-{size}"
    resource = {"schemas": [GROUP_URN], "displayName": name, "externalId": external_id}
    stored = _stored(key, resource, GROUP)
    folded = stored.pop("folded")
    ProvisionedGroup.objects.create(
        provider_id=provider_id,
        external_id=external_id,
        display_name=name,
        display_name_key=fold(name),
        **stored,
    )
    group_documents.insert("default", [{**stored, "folded": folded, "provider": provider_id}])
    members = [
        GroupMember(group_id=key, account_id=account, member_key=account) for account in accounts
    ]
    GroupMember.objects.bulk_create(members, batch_size=BATCH)
    return key


def _insert_hosts(people: Sequence[Resource], using: str) -> dict[str, Any]:
    model: Any = get_user_model()
    hosts = [
        model(
            username=person["userName"],
            email=person["emails"][0]["value"],
            first_name=person["name"]["givenName"],
            last_name=person["name"]["familyName"],
            is_active=person["active"],
            password=UNUSABLE_PASSWORD_PREFIX,
        )
        for person in people
    ]
    rows = model._default_manager.using(using)
    rows.bulk_create(hosts)
    if all(host.pk is not None for host in hosts):  # most databases return the keys
        return {host.username: host for host in hosts}
    found: dict[str, Any] = rows.in_bulk([host.username for host in hosts], field_name="username")
    return found


def _stored(key: UUID, resource: Resource, resource_type: Any) -> dict[str, Any]:
    """Return the columns that every stored resource has."""
    now = now_after()
    texts = stored_texts(
        resource, resource_type, id=str(key), version=1, created=now, last_modified=now
    )
    own = {"id": key, "scim_id": str(key), "version": 1, "created_at": now, "last_modified": now}
    return {**own, **texts}
