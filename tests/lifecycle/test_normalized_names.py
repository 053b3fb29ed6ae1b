"""Names and addresses reach the project as Django's own ways of making users store them."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection as database
from django.db import models
from django.test.utils import CaptureQueriesContext, isolate_apps

from django_scim_provider.adapter import DefaultAdapter, user_fields
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from tests.drift.comparing import repair, told
from tests.lifecycle.test_naming import events
from tests.people import connect, host_user, make_user, post, set_active
from tests.scim_client import CORE
from tests.verbs import Ask, every_verb

pytestmark = pytest.mark.django_db

User: Any = get_user_model()
NAME, ADDRESS = "\ufb01n\uff20acme", "First.Last@ACME.Example"
"""A ligature and a fullwidth sign, which NFKC takes apart; a domain with capitals."""
STORED = (User.normalize_username(NAME), User.objects.normalize_email(ADDRESS))


def mail(address: str = ADDRESS) -> list[dict[str, Any]]:
    return [{"value": address, "primary": True}]


def body(name: str = NAME, address: str = ADDRESS) -> dict[str, Any]:
    return {"schemas": [CORE], "userName": name, "emails": mail(address)}


def names(user: Any) -> tuple[str, str]:
    return user.get_username(), user.email


def test_forms_differ_from_what_is_sent() -> None:
    assert STORED == ("fin@acme", "First.Last@acme.example")


@every_verb
def test_names_are_stored_in_the_form_of_django_and_shown_as_they_came(ask: Ask) -> None:
    client = connect()

    answer = ask(client, "/Users", body())

    assert answer.status in (200, 201), answer.text
    assert (answer.json["userName"], answer.json["emails"]) == (NAME, mail())
    assert names(host_user(answer.json)) == STORED
    assert client.get(f"/Users/{answer.json['id']}").json["userName"] == NAME
    for name in (NAME, STORED[0], STORED[0].upper()):
        assert client.find(f'userName eq "{name}"').json["totalResults"] == 1
    assert told() == []


@every_verb
def test_log_in_that_makes_who_is_missing_finds_them(ask: Ask) -> None:
    user = ask(connect(), "/Users", body()).json

    by_address = User.objects.get_or_create(email=User.objects.normalize_email(ADDRESS))
    by_name = User.objects.get_or_create(username=User.normalize_username(NAME))

    assert by_address == by_name == (host_user(user), False)


@every_verb
@pytest.mark.parametrize("username", [NAME, STORED[0], STORED[0].upper()])
def test_name_that_is_there_in_any_form_is_taken(ask: Ask, username: str) -> None:
    make_user(username, email="other@x.example")

    answer = ask(connect(), "/Users", body(address="new@x.example"))

    assert (answer.status, answer.json["detail"]) == (409, "userName is already in use.")


@every_verb
@pytest.mark.parametrize("address", [ADDRESS, STORED[1], STORED[1].lower()])
def test_address_that_is_there_in_any_form_is_taken(ask: Ask, address: str) -> None:
    make_user("other", email=address)

    answer = ask(connect(), "/Users", body())

    assert (answer.status, answer.json["detail"]) == (409, "emails.value is already in use.")


@pytest.mark.parametrize("address", [ADDRESS, STORED[1], STORED[1].lower()])
def test_user_of_a_log_in_is_linked_by_the_address_in_any_form(
    scim_settings: Any, address: str
) -> None:
    scim_settings(LINK_EXISTING_USERS=True)
    user = make_user("sso", email=address)

    answer = post(connect(), "first.last", emails=mail())

    assert answer.status == 201, answer.text
    assert host_user(answer.json) == user
    assert names(host_user(answer.json)) == ("sso", address)
    assert told() == []


def test_same_address_in_another_form_is_no_change_of_address() -> None:
    client = connect()
    ann = post(client, "ann", emails=mail()).json
    EmailAddress.objects.update(verified=True)
    before = host_user(ann).email

    for address in ("First.Last@acme.example", "First.Last@Acme.EXAMPLE"):
        answer = client.patch(
            f"/Users/{ann['id']}", {"op": "replace", "path": "emails", "value": mail(address)}
        )
        assert (answer.status, answer.json["emails"]) == (200, mail(address))

    assert host_user(ann).email == before
    assert EmailAddress.objects.get().verified
    assert events("change_email") == []


def test_address_that_is_stored_as_it_came_is_mended_and_stays_proven() -> None:
    client = connect()
    ann = post(client, "ann", emails=mail()).json
    EmailAddress.objects.update(verified=True)
    User.objects.update(email=ADDRESS)

    assert told() == ["user email"]
    assert repair().repaired == 1

    assert host_user(ann).email == STORED[1]
    assert told() == []
    assert EmailAddress.objects.get().verified
    assert events("change_email") == []


def test_deactivation_is_no_change_of_an_address_that_is_stored_as_it_came() -> None:
    client = connect()
    ann = post(client, "ann", emails=mail()).json
    User.objects.update(email=ADDRESS)

    assert set_active(client, ann, False).status == 200

    assert not host_user(ann).is_active
    assert events("change_email") == []


def test_name_that_grows_beyond_its_field_is_counted_as_it_was_sent() -> None:
    answer = post(connect(), "\ufdfa" * 10)

    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")
    told = "userName is too long: its 10 characters are 180 once normalized, 150 fit."
    assert answer.json["detail"] == told


def test_both_forms_are_asked_for_at_once() -> None:
    client = connect()
    post(client, "first")

    with CaptureQueriesContext(database) as plain:
        assert post(client, "ann", emails=mail("ann@x.example")).status == 201
    with CaptureQueriesContext(database) as normalized:
        assert post(client, NAME, emails=mail()).status == 201

    assert len(normalized) == len(plain)


class Manager(models.Manager[Any]):
    """Knows nothing of addresses."""


class LowerManager(models.Manager[Any]):
    """Has its own idea of an address."""

    def normalize_email(self, email: str) -> str:
        return email.lower()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (Manager, Manager, ADDRESS),
        (LowerManager, Manager, ADDRESS.lower()),
        (Manager, LowerManager, ADDRESS.lower()),
    ],
)
@isolate_apps("tests.tenancy")
def test_manager_of_the_project_decides_if_it_can(
    monkeypatch: pytest.MonkeyPatch, first: Any, second: Any, expected: str
) -> None:
    class Person(AbstractBaseUser):
        username = models.CharField(max_length=150, unique=True)
        email = models.EmailField()
        visible = first()
        objects = second()
        USERNAME_FIELD = "username"
        EMAIL_FIELD = "email"

        class Meta:
            app_label = "tenancy"

        @classmethod
        def normalize_username(cls, username: str) -> str:
            return username.removeprefix("CORP\\")

    monkeypatch.setattr(user_fields, "get_user_model", lambda: Person)
    adapter = DefaultAdapter(ProvisioningContext(provider_id="acme"))

    assert adapter.normalized("email", ADDRESS) == expected
    assert adapter.normalized("username", "CORP\\ann") == "ann"
    assert adapter.normalized("first_name", NAME) == NAME
    assert adapter.normalized("email", None) is None
