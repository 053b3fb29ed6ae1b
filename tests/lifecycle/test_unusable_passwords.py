"""New users get passwords that nobody has, as the project makes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from tests.people import host_user, post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


def test_each_is_another_one_and_opens_nothing(scim_client: SCIMTestClient) -> None:
    users = [host_user(post(scim_client, name).json) for name in ("ann", "bob")]

    assert not any(user.has_usable_password() for user in users)
    assert users[0].password != users[1].password
    assert all(len(user.password) == 41 for user in users)


def test_method_of_the_project_is_called(
    scim_client: SCIMTestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own(user: Any) -> None:
        user.password = "!the project's"

    monkeypatch.setattr(User, "set_unusable_password", own)
    post(scim_client, "ann")

    assert get_user_model()._default_manager.get().password == "!the project's"
