"""Fills a site as one that was busy for a month: connections, people, groups, events, failures.

Half of all people and events are one connection's, which is an organization's as well.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

DAYS = 30
GROUPS = 50
MEMBERS = 1000
FAILURES = 500
ROWS = 5000
"""Rows in one statement."""
LARGE = "large"
"""The connection that half of everything belongs to."""
OUTCOMES = (("done", 200, "update"), ("done", 201, "create"), ("refused", 409, "create"))
ODDS = (70, 25, 5)


@dataclass(frozen=True)
class Size:
    """How much there shall be, in all."""

    connections: int
    people: int
    events: int


def fill(size: Size) -> None:
    """Fill an empty site; Django is set up, and its tables are there."""
    from benchmarks.load import load
    from benchmarks.seed import insert_group
    from django_scim_provider.models import LinkedAccount, ProviderConnection
    from django_scim_provider.tokens.service import generate_scim_token

    organization = _organization()
    generate_scim_token(LARGE, organization_id=organization)
    small = [f"small-{number}" for number in range(1, size.connections)]
    ProviderConnection.objects.bulk_create(
        [
            ProviderConnection(provider_id=name, profile=("okta", "entra")[place % 2])
            for place, name in enumerate(small)
        ],
        batch_size=ROWS,
    )
    load(LARGE, size.people // 2)
    others = size.people - size.people // 2
    each = max(1, others // max(1, len(small)))
    for place, name in enumerate(small[: others // each]):
        load(name, each, first=size.people // 2 + place * each)
    keys = list(LinkedAccount.objects.of(LARGE).values_list("pk", flat=True))
    most = min(MEMBERS, len(keys) // 2)
    for number in range(min(GROUPS, most)):
        insert_group(LARGE, most - number, keys[number:][: most - number])
    _insert_failures(keys)
    _insert_events(size, small, keys)


def _organization() -> str:
    """Make an organization whose owner is ``owner``, and return its key."""
    from django.contrib.auth import get_user_model
    from organizations.utils import create_organization

    people: Any = get_user_model()._default_manager
    people.create_superuser("admin", "admin@bench.example", "admin")
    owner = people.create_user("owner", "owner@bench.example", "owner")
    return str(create_organization(owner, "Large", slug="large").pk)


def _insert_failures(keys: Sequence[uuid.UUID]) -> None:
    from django_scim_provider.models import Failure

    now = datetime.now(UTC)
    Failure.objects.bulk_create(
        [
            Failure(
                id=uuid.uuid5(uuid.NAMESPACE_OID, str(number)),
                provider_id=LARGE,
                subject=f"{number:064}",
                kind=f"{number:064}",
                resource_type="User",
                action="update",
                attribute="userName",
                scim_type="uniqueness",
                status=409,
                detail="The value of userName is taken.",
                collides_type="User",
                collides_id=str(keys[number]),
                count=number + 1,
                first_at=now - timedelta(days=2),
                last_at=now - timedelta(minutes=number),
            )
            for number in range(min(FAILURES, len(keys)))
        ]
    )


def _insert_events(size: Size, small: Sequence[str], keys: Sequence[uuid.UUID]) -> None:
    from django_scim_provider.models import ProvisioningEvent

    rows = _events(size, small, keys)
    while batch := [row for row, _ in zip(rows, range(ROWS), strict=False)]:
        ProvisioningEvent.objects.bulk_create(batch)


def _events(size: Size, small: Sequence[str], keys: Sequence[uuid.UUID]) -> Iterator[Any]:
    """Yield events whose keys go with their times, spread over the days before now."""
    from django_scim_provider.models import ProvisioningEvent
    from django_scim_provider.models.keys import least_key_of

    chance = random.Random(1)  # noqa: S311 - the same rows in each run, and no secret
    start = datetime.now(UTC) - timedelta(days=DAYS)
    step = timedelta(days=DAYS) / size.events
    for number in range(size.events):
        at = start + number * step
        outcome, status, action = chance.choices(OUTCOMES, ODDS)[0]
        large = number % 2 == 0 or not small
        yield ProvisioningEvent(
            id=uuid.UUID(int=least_key_of(at).int | chance.getrandbits(48)),
            at=at,
            provider_id=LARGE if large else chance.choice(small),
            action=action,
            resource_type="User",
            resource_id=str(chance.choice(keys)) if large and outcome == "done" else "",
            outcome=outcome,
            status=status,
            scim_type="uniqueness" if status == 409 else "",
            changed="title,active",
            request_id=f"{chance.getrandbits(128):032x}",
            duration=chance.randrange(2, 60),
        )
