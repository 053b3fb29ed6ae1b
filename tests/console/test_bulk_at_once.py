"""Rotating many tokens while somebody else does the same, or closes a connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_scim_provider.admin.bulk_actions.rotation import BulkRotatePage
from django_scim_provider.connections.lifecycle import close_connection
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.models.moments import utc_now
from tests.administration import logged_in
from tests.console.choosing import address, choose, fields
from tests.console.test_bulk_rotation import opens, rows
from tests.factories import make_token
from tests.parallel import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old() -> dict[str, str]:
    """Return the tokens of two connections."""
    return {f"c{n}": make_token(provider_id=f"c{n}") for n in range(2)}


def sent_at_once(admin_user: Any, forms: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    """Return the lines of the files that the forms get, sent at the same time."""
    clients = [logged_in(admin_user) for _ in forms]

    def send(number: int) -> Any:
        return clients[number].post(address("rotate"), {**forms[number], "part": "0"})

    return [rows(answer) for answer in in_parallel(len(forms), send)]


def asked(admin_user: Any, **answers: str) -> dict[str, str]:
    """Return the form that asks about all connections, filled in."""
    return {**fields(choose(logged_in(admin_user), "rotate")), **answers}


def live() -> list[str]:
    tokens = SCIMToken.objects.live(utc_now()).order_by("provider_id")
    return [str(token.provider_id) for token in tokens]


def test_form_that_is_sent_twice_at_once_makes_each_token_once(
    admin_user: Any, old: dict[str, str]
) -> None:
    form = asked(admin_user, overlap="24")

    files = sent_at_once(admin_user, [form, form])

    made = [row for file in files for row in file if row["token"]]
    assert sorted(row["provider_id"] for row in made) == ["c0", "c1"]
    assert {opens(row["token"]) for row in made} == {200}
    assert {row["problem"] == "" for file in files for row in file if not row["token"]} == {False}
    assert live() == ["c0", "c0", "c1", "c1"]


def test_two_people_rotate_at_once_and_one_token_opens(
    admin_user: Any, old: dict[str, str]
) -> None:
    forms = [asked(admin_user, at_once="on") for _ in range(2)]

    files = sent_at_once(admin_user, forms)

    made = [row["token"] for file in files for row in file]
    assert "" not in made
    assert live() == ["c0", "c1"]
    assert sorted(map(opens, made)) == [200, 200, 401, 401]


def test_connection_that_is_closed_meanwhile_stays_closed(
    root: Client, old: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original: Any = BulkRotatePage._rotate

    def close_first(self: Any, request: Any, connection: ProviderConnection, form: Any) -> Any:
        if connection.provider_id == "c0":
            close_connection(ProviderConnection.objects.get(pk=connection.pk))
        return original(self, request, connection, form)

    monkeypatch.setattr(BulkRotatePage, "_rotate", close_first)
    form = {**fields(choose(root, "rotate")), "overlap": "24", "part": "0"}

    closed, other = rows(root.post(address("rotate"), form))

    assert (closed["token"], closed["problem"]) == ("", "is decommissioned")
    assert other["token"]
    assert ProviderConnection.objects.get(provider_id="c0").decommissioned_at is not None
    assert not ProvisioningEvent.objects.filter(action="revive_connection").exists()
