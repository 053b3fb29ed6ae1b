"""The assertions: they fail where they should, in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.models import ProviderConnection
from django_scim_provider.testing import (
    assert_answered,
    assert_deprovisioned,
    assert_provisioned,
    assert_refused,
)
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db
NAME = "ann@x.example"


@pytest.fixture
def ann(scim_client: SCIMTestClient) -> dict[str, Any]:
    return scim_client.create_user(NAME)


def fails(match: str) -> Any:
    return pytest.raises(AssertionError, match=match)


def test_who_is_provisioned(scim_connection: ProviderConnection, ann: dict[str, Any]) -> None:
    user = assert_provisioned(scim_connection, NAME.upper(), first_name="")

    assert user == get_user_model()._default_manager.get(scim_accounts__scim_id=ann["id"])
    with fails("first_name of the user is '', not 'Ann'"):
        assert_provisioned(scim_connection, NAME, first_name="Ann")
    with fails("acme has no 'bob'; it has ann@x.example"):
        assert_provisioned(scim_connection, "bob")
    with fails("'ann@x.example' is active in acme"):
        assert_provisioned(scim_connection, NAME, active=False)
    with fails("'ann@x.example' is active in acme"):
        assert_deprovisioned(scim_connection, NAME)


def test_who_is_not_any_more(
    scim_connection: ProviderConnection, scim_client: SCIMTestClient, ann: dict[str, Any]
) -> None:
    scim_client.replace(f"/Users/{ann['id']}", active=False)

    assert_deprovisioned(scim_connection, NAME)
    assert_deprovisioned(scim_connection, "nobody")
    user = assert_provisioned(scim_connection, NAME, active=False)
    with fails("'ann@x.example' is not active in acme"):
        assert_provisioned(scim_connection, NAME)
    user.is_active = True
    user.save()
    for asked in (
        lambda: assert_deprovisioned(scim_connection, NAME),
        lambda: assert_provisioned(scim_connection, NAME, active=False),
    ):
        with fails("is not active, and the user can still log in"):
            asked()


def test_user_that_the_project_closed(
    scim_connection: ProviderConnection, ann: dict[str, Any]
) -> None:
    user = assert_provisioned(scim_connection, NAME)
    user.is_active = False
    user.save()

    with fails("is active, and the user cannot log in"):
        assert_provisioned(scim_connection, NAME)


def test_refusals(scim_client: SCIMTestClient, ann: dict[str, Any]) -> None:
    taken = scim_client.post("/Users", {"userName": NAME})
    read = scim_client.get(f"/Users/{ann['id']}")

    assert_refused(taken)
    assert_refused(taken, status=409, scim_type="uniqueness", attribute="userName")
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("not refused by 400 as SCIM has it: <409 uniqueness", {"status": 400}),
        ("scimType is not 'mutability': <409", {"scim_type": "mutability"}),
        ("does not name user: <409", {"attribute": "user"}),
        ("does not name emails: <409", {"attribute": "emails"}),
    )
    for match, how in wrong:
        with fails(match):
            assert_refused(taken, **how)
    with fails("was not refused as SCIM has it: <200 "):
        assert_refused(read)


def test_answers(scim_client: SCIMTestClient, ann: dict[str, Any]) -> None:
    read = scim_client.get(f"/Users/{ann['id']}")

    assert assert_answered(read, userName=NAME, active=True) is read
    with fails("active is True, not False"):
        assert_answered(read, active=False)
    with fails("The answer is not 201: <200 "):
        assert_answered(read, 201)
