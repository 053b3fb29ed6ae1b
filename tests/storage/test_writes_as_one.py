"""What is written together is one statement where the vendor has such, and says what it found."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from django_scim_provider.models import AccountEmail, ProviderConnection
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.sql.statements.compiled_writes import Delete, Update
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.sql.vendors.mysql import MariaDB, MySQL
from tests.factories import make_connection

pytestmark = pytest.mark.django_db(transaction=True)

rename = Update(ProviderConnection, ("name",))
move = Update(ProviderConnection, ("provider_id",))
forget = Delete(AccountEmail, "account")
AWKWARD = "a; 'b' \\ \"c\" %s; END"


@pytest.fixture
def held() -> ProviderConnection:
    return make_connection()


def renaming(held: ProviderConnection) -> Writes:
    writes = Writes("default")
    writes.update(rename, held.pk, {"name": AWKWARD})
    return writes


@pytest.mark.parametrize("asked", [0, 1, 2])
def test_writes_and_questions_are_one_statement(held: ProviderConnection, asked: int) -> None:
    writes = renaming(held)
    writes.delete(forget, uuid7())
    questions = [("1", []), ("CASE WHEN 'b' = %s THEN 1 ELSE 0 END", [AWKWARD])][:asked]

    with transaction.atomic(), CaptureQueriesContext(connection) as made:
        row = writes.run(*questions)

    held.refresh_from_db()
    joins = vendor_of("default").together(["", ""], None) is not None
    assert row == (1, 0)[:asked]
    assert held.name == AWKWARD
    assert len(made) == (1 if joins else 2 + bool(asked))


def test_next_statement_answers_for_itself(held: ProviderConnection) -> None:
    renaming(held).run(("1", []))

    assert Writes("default").run(("2", [])) == (2,)


def test_refused_part_undoes_the_others(held: ProviderConnection) -> None:
    other = make_connection(provider_id="other")
    writes = renaming(held)
    writes.update(move, other.pk, {"provider_id": held.provider_id})

    with pytest.raises(IntegrityError), transaction.atomic():
        writes.run(("1", []))

    held.refresh_from_db()
    assert held.name != AWKWARD


def test_mysql_has_blocks_in_procedures_only() -> None:
    assert MariaDB.together is not MySQL.together
