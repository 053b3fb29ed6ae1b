"""A primary address that is a mere text, which Microsoft's collection of requests sends."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.user_model import without_mere_text
from tests.people import connect, post

pytestmark = pytest.mark.django_db

TEXT = [{"value": "emailName357", "type": "work", "primary": True}]


def address(name: str) -> str:
    return str(get_user_model().objects.get(username=name).email)


def test_it_is_stored_and_the_user_has_no_address() -> None:
    client = connect(profile="entra")

    first, second = post(client, "ann", emails=TEXT), post(client, "bob", emails=TEXT)

    assert (first.status, second.status) == (201, 201)
    assert client.get(f"/Users/{first.json['id']}").json["emails"] == TEXT
    assert client.get('/Users?filter=emails.value+eq+"emailname357"').json["totalResults"] == 2
    assert (address("ann"), address("bob")) == ("", "")


def test_a_change_to_one_takes_the_address_away_and_back_gives_it() -> None:
    client = connect(profile="entra")
    ann = post(client, "ann", emails=[TEXT[0] | {"value": "ann@x.example"}]).json
    path = 'emails[type eq "work"].value'

    def change(value: str) -> int:
        operation = {"op": "replace", "path": path, "value": value}
        return client.patch(f"/Users/{ann['id']}", operation).status

    assert (change("user@intranet"), address("ann")) == (200, "")
    assert (change("ann@x.example"), address("ann")) == (200, "ann@x.example")


@pytest.mark.parametrize("profile", ["generic", "strict", "okta"])
def test_it_is_400_for_others(profile: str) -> None:
    answer = post(connect(profile=profile), "ann", emails=TEXT)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    assert "emails.value" in answer.json["detail"]


def test_it_stays_where_it_is_the_name_to_log_in_with(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"email": "emailName357"}

    assert without_mere_text(fields) == {"email": ""}
    monkeypatch.setattr(get_user_model(), "USERNAME_FIELD", "email")
    assert without_mere_text(fields) == fields


def test_control_characters_are_400() -> None:
    texts = [{"value": "ann\nBcc: b@x.example", "primary": True}]

    assert post(connect(profile="entra"), "ann", emails=texts).status == 400
