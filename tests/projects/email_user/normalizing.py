"""Users whose name is their address, beside a log-in; run by ``projects.test_host_projects``."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.people import connect, host_user, post
from tests.scim_client import CORE
from tests.verbs import Ask, every_verb

pytestmark = pytest.mark.django_db

User: Any = get_user_model()
ADDRESS = "First.Last@ACME.Example"
STORED = "First.Last@acme.example"


def sso(address: str) -> tuple[Any, bool]:
    """Do what a log-in does with who comes for the first time."""
    found: tuple[Any, bool] = User.objects.get_or_create(
        email=User.objects.normalize_email(address)
    )
    return found


@every_verb
def test_log_in_finds_whom_provisioning_made(ask: Ask) -> None:
    answer = ask(connect(), "/Users", {"schemas": [CORE], "userName": ADDRESS})

    assert answer.json["userName"] == ADDRESS
    assert host_user(answer.json).email == STORED
    assert sso(ADDRESS) == (host_user(answer.json), False)


@every_verb
def test_address_that_stands_for_a_name_is_found_as_well(ask: Ask) -> None:
    sent = {"schemas": [CORE], "userName": "first.last", "emails": [{"value": ADDRESS}]}
    if ask.__name__ in ("by_put", "by_patch"):
        sent["userName"] = ADDRESS  # a changed one had an address as its name

    answer = ask(connect(), "/Users", sent)

    assert answer.json["emails"] == [{"value": ADDRESS}]
    assert sso(ADDRESS) == (host_user(answer.json), False)


@pytest.mark.parametrize("policy", [False, True])
@pytest.mark.parametrize("sent", [ADDRESS, STORED, ADDRESS.upper()])
@pytest.mark.parametrize("stored", [ADDRESS, STORED])
def test_provisioning_makes_no_second_one(
    scim_settings: Any, sent: str, stored: str, policy: bool
) -> None:
    scim_settings(LINK_EXISTING_USERS=policy)
    user = User.objects.create(email=stored)

    answer = post(connect(), sent)

    assert User.objects.get() == user
    if policy:
        assert (answer.status, host_user(answer.json).email) == (201, stored)
    else:
        assert (answer.status, answer.json["detail"]) == (409, "userName is already in use.")
