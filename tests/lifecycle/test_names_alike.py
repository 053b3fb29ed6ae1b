"""Names that differ by case are one; those that differ by accents are two people's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from tests.people import connect, make_user, post

pytestmark = pytest.mark.django_db

on_postgresql = connection.vendor == "postgresql"
on_sqlite = connection.vendor == "sqlite"


def mail(address: str) -> list[dict[str, Any]]:
    return [{"value": address, "primary": True}]


@pytest.fixture(autouse=True)
def _nobody_logs_in_by_address(settings: Any) -> None:
    settings.ACCOUNT_UNIQUE_EMAIL = False


@pytest.mark.parametrize(
    ("held", "sent", "status"),
    [
        pytest.param("x@jose.example", "x@josé.example", 201, id="accent"),
        pytest.param("x@José.example", "x@jose.example", 201, id="accent-that-is-held"),
        pytest.param("JOSE@x.example", "jose@x.example", 409, id="case"),
        # SQLite folds the case of ASCII alone.
        pytest.param("x@JOSÉ.example", "x@josé.example", 201 if on_sqlite else 409, id="both"),
        pytest.param("jose@x.example", " jose@x.example ", 409, id="blanks"),
        pytest.param("x@STRAßE.example", "x@straße.example", 409, id="sharp-s"),
        pytest.param("anna_b@x.example", "annaxb@x.example", 201, id="wildcard-of-like"),
        pytest.param("a%@x.example", "ab@x.example", 201, id="other-wildcard"),
        pytest.param("a%@x.example", "A%@x.example", 409, id="wildcard-itself"),
        pytest.param("x@İda.example", "x@ida.example", 201, id="dotted-capital-i"),
    ],
)
def test_address_of_somebody_else(held: str, sent: str, status: int) -> None:
    make_user("somebody", email=held)

    assert post(connect(), "ann", emails=mail(sent)).status == status


def test_address_is_found_by_accent_again_where_people_log_in_by_it(scim_settings: Any) -> None:
    scim_settings(UNIQUE_EMAILS=True)
    make_user("somebody", email="x@jose.example")

    status = post(connect(), "ann", emails=mail("x@josé.example")).status

    assert status == (409 if connection.vendor == "mysql" else 201)


def test_user_name_of_another_accent_is_another_unless_the_database_takes_it_for_the_same() -> None:
    make_user("jose", email="")
    client = connect()

    answer = post(client, "josé", emails=mail("other@x.example"))

    # The column is unique, and the collation of MariaDB knows no accents.
    assert answer.status == (409 if connection.vendor == "mysql" else 201)
    assert get_user_model()._default_manager.count() == (1 if answer.status == 409 else 2)


def test_change_to_an_address_of_another_accent() -> None:
    make_user("somebody", email="x@jose.example")
    client = connect()
    ann = post(client, "ann", emails=mail("ann@x.example")).json
    change = {"op": "replace", "path": "emails"}

    accent = client.patch(f"/Users/{ann['id']}", {**change, "value": mail("x@josé.example")})
    case = client.patch(f"/Users/{ann['id']}", {**change, "value": mail("X@JOSE.example")})

    assert (accent.status, case.status) == (200, 409)
