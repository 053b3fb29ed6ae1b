"""Groups that are nested at the same time: no circle comes of it, at any isolation level."""

from __future__ import annotations

import pytest
from django.db import connection as database

from django_scim_provider.models import GroupMember
from tests.factories import make_token
from tests.parallel import in_parallel
from tests.scim_client import SCIMTestClient
from tests.test_large_groups import make_group
from tests.test_nested_groups import add

ROUNDS = 3
LEVELS = {
    "sqlite": None,  # one writer at a time
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL",
    "mysql": "SET SESSION TRANSACTION ISOLATION LEVEL",
}


def isolate(level: str) -> None:
    """Set the isolation level of this thread's connection."""
    statement = LEVELS[database.vendor]
    if statement is not None:
        with database.cursor() as cursor:
            cursor.execute(f"{statement} {level}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("between", [0, 1])
def test_nesting_in_a_ring_makes_no_circle(level: str, between: int) -> None:
    """``between`` groups stand already between what two of the requests nest."""
    token, ring = make_token(provider_id="acme"), 3
    client = SCIMTestClient(token)
    for number in range(ROUNDS):
        tops = [make_group(client, f"{number}-{n}", []) for n in range(ring)]
        inner = [make_group(client, f"{number}+{n}", [top]) for n, top in enumerate(tops)]
        before = GroupMember.objects.count()
        children = inner if between else tops

        def nest(n: int, tops: list[str] = tops, children: list[str] = children) -> int:
            isolate(level)
            return add(SCIMTestClient(token), tops[n], children[(n + 1) % ring]).status

        statuses = in_parallel(ring, nest)

        assert set(statuses) <= {204, 400, 503}
        assert GroupMember.objects.count() - before == statuses.count(204) < ring
