"""What a change of an address by provisioning ends, and the event that it leaves."""

from __future__ import annotations

import pytest
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator

from tests.drift.comparing import repair
from tests.lifecycle.test_naming import VERBS, events, give_login, made, mail, names
from tests.lifecycle.test_sources import NEW, OLD, may_reset_password, rename
from tests.people import host_user, make_user, post

pytestmark = pytest.mark.django_db

User = get_user_model()


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "generator", [default_token_generator, EmailAwarePasswordResetTokenGenerator()]
)
def test_changed_address_ends_the_reset_links_that_were_sent(
    generator: PasswordResetTokenGenerator, verb: str
) -> None:
    client, user = made()
    give_login(host_user(user), "password")
    sent = generator.make_token(host_user(user))

    rename(client, user, verb)

    assert not generator.check_token(host_user(user), sent)
    assert not may_reset_password(OLD)


def test_event_of_a_changed_address_holds_no_address() -> None:
    client, user = made()

    rename(client, user, "PUT")

    (event,) = events("change_email")
    assert (event.outcome, event.status, event.changed) == ("done", 200, "emails")
    assert (event.resource_type, event.resource_id) == ("User", user["id"])
    assert event.request_id == events("update")[0].request_id
    shown = " ".join(str(getattr(event, field.attname)) for field in event._meta.concrete_fields)
    assert "old.example" not in shown
    assert "new.example" not in shown


def test_other_changes_are_no_change_of_address() -> None:
    client, user = made()

    operation = {"op": "add", "path": "emails", "value": [{"value": "second@x.example"}]}
    client.patch(f"/Users/{user['id']}", operation)
    client.patch(f"/Users/{user['id']}", {"op": "replace", "path": "title", "value": "T"})

    assert len(events("update")) == 2
    assert events("change_email") == []


def test_changed_address_of_a_user_who_comes_back_is_an_event() -> None:
    client, user = made()
    give_login(host_user(user), "password")
    client.request("DELETE", f"/Users/{user['id']}")

    back = post(client, OLD, emails=mail(NEW)).json

    assert names(back) == (OLD, NEW)
    assert [event.resource_id for event in events("change_email")] == [back["id"]]


def test_address_that_a_repair_changes_is_an_event() -> None:
    _, user = made()
    User._default_manager.update(email="other@x.example")

    repair()

    assert names(user) == (OLD, OLD)
    assert [event.resource_id for event in events("change_email")] == [user["id"]]


def test_refused_change_leaves_no_event_of_an_address() -> None:
    client, user = made()
    make_user(NEW)

    answer = rename(client, user, "PUT")

    assert answer.status == 409
    assert events("change_email") == []
