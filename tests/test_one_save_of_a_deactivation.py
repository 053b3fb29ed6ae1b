"""A deactivation saves the user once, though the sessions of the user end by a new password."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models.signals import post_save
from django.test import Client

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.conf import DEFAULT_REVOKERS
from tests.people import connect, host_user, post, set_active
from tests.test_revokers import session

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.test_revokers")]

HASHES: list[str] = []


class FullSaves(DefaultAdapter):
    """Writes users in its own way, which knows of no password."""

    def update_user(self, user: Any, *args: Any, active: bool | None = None) -> None:
        """Save one column."""
        user.is_active = active
        user.save(using=self.using, update_fields=["is_active"])


def note_hash(*, user: AbstractBaseUser, using: str) -> None:
    HASHES.append(user.get_session_auth_hash())


@pytest.fixture
def saves() -> Any:
    """Collect the fields of each save of a user."""
    made: list[set[str]] = []

    def note(update_fields: Any, **_: Any) -> None:
        made.append(set(update_fields or ()))

    post_save.connect(note, sender=get_user_model())
    yield made
    post_save.disconnect(note, sender=get_user_model())


def test_log_in_and_sessions_end_with_one_save(saves: list[set[str]]) -> None:
    client = connect()
    ann = post(client, "ann@x.example").json
    knock = session(host_user(ann))
    saves.clear()

    set_active(client, ann, False)
    written = list(saves)
    set_active(client, ann, True)

    assert written == [{"is_active", "password"}]
    assert knock() == 401


def test_released_user_is_saved_once(scim_settings: Any, saves: list[set[str]]) -> None:
    scim_settings(DEPROVISION="deactivate")
    client = connect()
    ann = post(client, "ann@x.example").json
    saves.clear()

    assert client.request("DELETE", f"/Users/{ann['id']}").status == 204

    assert saves == [{"is_active", "password"}]


def test_password_of_their_own_stays(saves: list[set[str]]) -> None:
    client = connect()
    ann = post(client, "ann@x.example").json
    user = host_user(ann)
    user.set_password("own")
    user.save()
    knock = session(user)
    saves.clear()

    set_active(client, ann, False)
    written = list(saves)
    set_active(client, ann, True)

    assert written == [{"is_active"}]
    assert knock() == 401
    assert Client().login(username="ann@x.example", password="own")


def test_adapter_that_saves_in_its_own_way_ends_sessions_too(
    scim_settings: Any, saves: list[set[str]]
) -> None:
    client = connect()
    ann = post(client, "ann@x.example").json
    knock = session(host_user(ann))
    scim_settings(ADAPTER="tests.test_one_save_of_a_deactivation.FullSaves")
    saves.clear()

    set_active(client, ann, False)
    written = list(saves)
    set_active(client, ann, True)

    assert written == [{"is_active"}, {"password"}]
    assert knock() == 401


@pytest.mark.parametrize("is_first", [True, False])
def test_revoker_of_the_project_finds_the_hash_of_its_place(
    scim_settings: Any, is_first: bool
) -> None:
    own = ["tests.test_one_save_of_a_deactivation.note_hash"]
    usual = list(DEFAULT_REVOKERS)
    client = connect()
    ann = post(client, "ann@x.example").json
    before = host_user(ann).get_session_auth_hash()
    scim_settings(REVOKERS=own + usual if is_first else usual + own)
    HASHES.clear()

    set_active(client, ann, False)

    assert ([before] == HASHES) is is_first
    assert host_user(ann).get_session_auth_hash() != before


def test_sessions_whose_hash_is_the_projects_own_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(get_user_model(), "get_session_auth_hash", lambda user: "same for all")
    client = connect()
    ann = post(client, "ann@x.example").json
    knock = session(host_user(ann))

    set_active(client, ann, False)
    set_active(client, ann, True)

    assert knock() == 401
