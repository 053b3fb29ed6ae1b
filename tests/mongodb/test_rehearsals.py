"""Requests that are only tried: what the server refuses ends the transaction of all of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.admin.recorder_pages.exchanges import LEFT_OUT
from django_scim_provider.connections.recordings.recording_switch import start_recording
from django_scim_provider.connections.recordings.replaying import replay
from django_scim_provider.models import LinkedAccount, ProviderConnection
from tests.people import make_user
from tests.scim_client import CORE, SCIMTestClient
from tests.selfcheck.conftest import Checked, checked  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)
FINDS_NOBODY = "tests.selfcheck.broken.FindsNobody"


def test_checks_after_the_one_that_ended_it_are_made(checked: Checked) -> None:  # noqa: F811
    parts = checked("uniqueness", "groups", ADAPTER=FINDS_NOBODY)

    (fault,) = parts["uniqueness"].faults
    assert "makes the database end the transaction of the checks" in fault.says
    assert "(POST /Users)" in fault.says
    assert (parts["uniqueness"].state, parts["groups"].state) == ("failed", "passed")
    assert not ProviderConnection.objects.exists()


class Collides(DefaultAdapter):
    """Makes each user with a name that somebody has, whom nobody looks for."""

    def create_user(self, resource: Any, fields: dict[str, Any]) -> Any:
        make_user("taken")
        return make_user("taken")


class Careless(DefaultAdapter):
    """Has the database refuse something where it is asked for roles."""

    def roles(self) -> Any:
        make_user("taken")
        return make_user("taken")


def test_project_that_can_make_nobody_is_told_so(checked: Checked) -> None:  # noqa: F811
    parts = checked(ADAPTER=f"{__name__}.Collides")

    assert "makes the database end the transaction" in parts["users"].faults[0].says
    assert {"adapter", "groups", "profile"} <= parts.keys()


def test_adapter_that_is_refused_something_is_told_where(checked: Checked) -> None:  # noqa: F811
    part = checked("adapter", ADAPTER=f"{__name__}.Careless")["adapter"]

    (fault,) = part.faults
    assert fault.says.startswith("roles() raises IntegrityError")


def test_recorded_requests_after_it_are_left_out(
    scim_client: SCIMTestClient, scim_settings: Any
) -> None:
    connection = ProviderConnection.objects.get(provider_id="acme")
    start_recording(connection, hours=1, most=100)
    for name in ("ann", "bob", "cid"):
        body = {"schemas": [CORE], "userName": name}
        assert scim_client.request("POST", "/Users", body).status == 201
    LinkedAccount.objects.all().delete()
    get_user_model()._default_manager.exclude(username="bob").delete()
    scim_settings(ADAPTER=FINDS_NOBODY)  # so that the server refuses to create another "bob"
    connection.refresh_from_db()

    tried = replay(connection, "http://testserver/scim/v2", names=set())

    assert [each.left_out for each in tried] == ["", "ended", "ended"]
    assert "ended" in LEFT_OUT
    assert not LinkedAccount.objects.exists()
