"""The worst input of each kind takes steps in proportion to its bytes, through the whole stack."""

from __future__ import annotations

import pytest
from django.db import transaction

from benchmarks.load import load
from benchmarks.sessions import Session
from benchmarks.worst_inputs import KINDS, PEOPLED
from tests.costs import steps
from tests.factories import make_token

pytestmark = pytest.mark.django_db

BYTES_OF_A_MEMBER = 49
SMALL, LARGE = 20 * 1024, 40 * 1024


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_steps_grow_as_the_input_does(kind: str) -> None:
    session = Session(make_token(provider_id="acme"))
    if kind in PEOPLED:
        load("acme", LARGE // BYTES_OF_A_MEMBER)

    def cost(size: int) -> int:
        with transaction.atomic():
            request = KINDS[kind](session, size)
            statuses = []
            count = steps(lambda: statuses.append(session.send(request)[0]))
            transaction.set_rollback(True)
        assert 200 <= statuses[0] < 500
        return count

    cost(1024)  # what is made once is made
    small, large = cost(SMALL), cost(LARGE)

    assert large < 2.3 * small
