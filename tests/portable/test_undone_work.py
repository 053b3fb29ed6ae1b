"""Work that fails when part of it was written, where nothing can be undone alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.transactions import in_transaction, never_committed, refused
from tests.factories import make_connection
from tests.portable.watching.watch import Watch

pytestmark = pytest.mark.django_db(transaction=True)


def stored() -> list[str]:
    rows = ProviderConnection.objects.order_by("provider_id")
    return list(rows.values_list("provider_id", flat=True))


def half(name: str, tries: list[str]) -> Callable[[], None]:
    """Return work that writes a row and fails."""

    def work() -> None:
        tries.append(name)
        make_connection(provider_id=name)
        raise LookupError(f"of {name}")

    return work


def two_of_three(tries: list[str]) -> list[str | None]:
    """Try three parts, of which the second one alone is done."""

    def do() -> list[str | None]:
        return [
            refused("default", "a", half("a", tries), str),
            refused("default", "b", lambda: make_connection(provider_id="b"), str),
            refused("default", "c", half("c", tries), str),
        ]

    return in_transaction("default", "", do)


def test_nothing_of_it_stays_and_the_rest_does() -> None:
    tries: list[str] = []

    assert two_of_three(tries) == ["of a", None, "of c"]
    assert (stored(), tries) == (["b"], ["a", "c"])


def test_without_savepoints_all_begins_again_and_leaves_it_out(portable: Watch) -> None:
    tries: list[str] = []

    assert two_of_three(tries) == ["of a", None, "of c"]
    assert (stored(), tries) == (["b"], ["a", "c"])


def test_error_that_is_nobodys_to_tell_ends_the_transaction(portable: Watch) -> None:
    def judge(error: Exception) -> str:
        raise error

    with pytest.raises(LookupError):
        in_transaction("default", "", lambda: refused("default", "a", half("a", []), judge))

    assert stored() == []


def test_without_savepoints_nothing_half_done_is_kept_in_a_hosts_transaction(
    portable: Watch,
) -> None:
    with pytest.raises(LookupError), transaction.atomic():
        refused("default", "a", half("a", []), str)

    assert stored() == []


def test_what_is_undone_in_any_case_may_be_half_done(portable: Watch) -> None:
    with never_committed("default"):
        assert refused("default", "a", half("a", []), str) == "of a"

    assert stored() == []
