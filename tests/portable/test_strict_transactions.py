"""The strict mode fails on transactions that MongoDB does not have."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import IntegrityError, transaction

from django_scim_provider.models import ProviderConnection, RecordedExchange
from django_scim_provider.models.moments import utc_now
from tests.portable.constructs import Construct, ForbiddenConstruct, Violation
from tests.portable.ours import ours
from tests.portable.watching.watch import watching

pytestmark = pytest.mark.django_db
SEAM = "storage/transactions/example.py"


def opened(*inner: Callable[[], object], savepoint: bool = True) -> None:
    with transaction.atomic(savepoint=savepoint):
        for call in inner:
            call()


def twice() -> None:
    ProviderConnection.objects.create(provider_id="a")
    ProviderConnection.objects.create(provider_id="a")


def caught() -> None:
    with suppress(IntegrityError):
        twice()


def reads() -> bool:
    return ProviderConnection.objects.exists()


def met(does: Callable[[], object]) -> list[Violation]:
    with watching(fails=False) as watch:
        does()
    return watch.violations


@pytest.mark.parametrize(
    "does",
    [
        opened,
        lambda: transaction.on_commit(str),
        lambda: transaction.get_connection().on_commit(str),
    ],
)
def test_transaction_without_the_seam_is_forbidden(does: Callable[[], object]) -> None:
    with watching(), pytest.raises(ForbiddenConstruct) as raised:
        ours(does)()
    assert raised.value.violations[0].construct is Construct.DIRECT_TRANSACTION


def test_seam_opens_transactions() -> None:
    assert met(lambda: ours(opened, SEAM)(reads)) == []


@pytest.mark.parametrize(
    "does", [opened, lambda: ProviderConnection.objects.get_or_create(provider_id="a")]
)
def test_savepoint_is_forbidden(does: Callable[[], object]) -> None:
    with watching(), pytest.raises(ForbiddenConstruct) as raised:
        ours(opened, SEAM)(ours(does, SEAM))
    assert raised.value.violations[0].construct is Construct.SAVEPOINT


def test_savepoint_by_name_is_forbidden() -> None:
    with watching(), pytest.raises(ForbiddenConstruct) as raised:
        ours(lambda: transaction.savepoint())()
    assert raised.value.violations[0].construct is Construct.SAVEPOINT


def test_transaction_of_a_host_may_hold_one_of_ours() -> None:
    assert met(lambda: opened(lambda: ours(opened, SEAM)(reads))) == []


def test_django_keeps_together_without_a_savepoint() -> None:
    connection = ProviderConnection.objects.create(provider_id="a")
    assert met(lambda: ours(opened, SEAM)(connection.delete)) == []


def test_work_does_not_go_on_after_a_refusal() -> None:
    with watching(), transaction.atomic(), pytest.raises(ForbiddenConstruct) as raised:
        ours(opened, SEAM)(ours(caught), ours(reads))
    assert raised.value.violations[0].construct is Construct.WENT_ON


def test_refusal_that_ends_its_transaction_is_right() -> None:
    def refused() -> None:
        with pytest.raises(IntegrityError):
            ours(opened, SEAM)(ours(twice))
        ours(reads)()

    assert met(refused) == []


def one_too_many() -> None:
    now = utc_now()
    row = RecordedExchange(provider_id="a", at=now, expires_at=now, status=200, duration=1)
    row.number = 0
    with suppress(IntegrityError):
        RecordedExchange.objects.bulk_create([row])


def test_what_only_a_check_refuses_is_forbidden() -> None:
    ProviderConnection.objects.create(provider_id="a")
    with watching(), pytest.raises(ForbiddenConstruct) as raised:
        ours(one_too_many)()
    assert raised.value.violations[0].construct is Construct.LEFT_TO_DATABASE
