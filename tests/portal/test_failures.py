"""Who cannot be provisioned, as an organization's own people see it, and what they can press."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.models import Failure, LinkedAccount, ProvisioningEvent
from tests.people import connect, make_organization, make_user, post
from tests.portal.conftest import Directory, address, text_of
from tests.portal.test_who_may import REFUSED, person

pytestmark = pytest.mark.django_db


def only_failure() -> Failure:
    return Failure.objects.get()


def refuse(directory: Directory, name: str = "eve@corp.example") -> Failure:
    """Let the provider ask for somebody whom the policy does not link by itself."""
    answer = post(directory.scim, name, externalId="e1")
    assert answer.status == 409, answer.text
    return only_failure()


def test_line_says_who_which_attribute_and_what_to_do(directory: Directory) -> None:
    post(directory.scim, "ann@corp.example", emails=[{"value": "no address"}])
    post(directory.scim, "ann@corp.example", emails=[{"value": "no address"}])

    page = text_of(directory.page("failures"))

    assert "ann@corp.example cannot be created" in page
    assert "emails" in page
    assert "Correct the value in your directory" in page
    assert "2 times since" in page
    assert "no address" not in page
    assert "Open 1" in page
    listed = text_of(directory.client.get(address("connections")))
    assert "Failing now 1" in listed


def test_line_is_done_when_the_person_succeeds(directory: Directory) -> None:
    post(directory.scim, "ann@corp.example", emails=[{"value": "no address"}])
    directory.scim.create_user("ann@corp.example")

    assert "Nobody fails" in text_of(directory.page("failures"))
    assert "cannot be created" in text_of(directory.page("failures", state="done"))


def test_user_outside_the_connection_is_not_named(directory: Directory) -> None:
    make_user("taken@corp.example", first_name="Tara", is_staff=True)
    refuse(directory, "taken@corp.example")

    page = directory.page("failures").content.decode()

    assert "in use by somebody who is not of this connection." in page
    assert "Tara" not in page
    assert 'value="ignore"' in page
    assert "Link to that user" not in page


def test_person_of_the_connection_is_named(directory: Directory) -> None:
    directory.scim.create_user("ann@corp.example", externalId="1")
    refuse(directory, "ann@corp.example")

    page = directory.page("failures").content.decode()

    assert "in use by ann@corp.example." in page
    assert address("person", directory.connection.pk, LinkedAccount.objects.get().pk) in page


def test_failure_is_ignored_and_reopened(directory: Directory) -> None:
    post(directory.scim, "")
    failure = only_failure()

    directory.post("failures", do="ignore", failure=failure.pk)
    ignored = text_of(directory.page("failures", state="ignored"))
    directory.post("failures", do="reopen", failure=failure.pk)

    assert "Reopen" in ignored
    assert only_failure().state == Failure.State.OPEN
    events = ProvisioningEvent.objects.filter(actor=directory.owner)
    assert {event.action for event in events} == {"ignore_failure", "reopen_failure"}


def test_what_is_ignored_already_leaves_no_further_event(directory: Directory) -> None:
    post(directory.scim, "")
    failure = only_failure()

    for _ in range(2):
        directory.post("failures", do="ignore", failure=failure.pk)

    assert ProvisioningEvent.objects.filter(action="ignore_failure").count() == 1


def test_unknown_ways_to_mend_are_404(directory: Directory) -> None:
    post(directory.scim, "")
    failure = only_failure()

    assert directory.post("failures", do="delete", failure=failure.pk).status_code == 404
    assert directory.page("mend", failure.pk, "delete").status_code == 404


def test_names_that_are_not_kept_are_said_to_be_so(directory: Directory, settings: Any) -> None:
    settings.SCIM_PROVIDER = {**getattr(settings, "SCIM_PROVIDER", {}), "FAILED_IDENTITIES": 0}
    post(directory.scim, "")

    assert "(not kept)" in text_of(directory.page("failures"))


@pytest.mark.parametrize("key", ["", "x", "0190b6a0-0000-7000-8000-000000000000"])
def test_failure_that_does_not_exist_is_404(directory: Directory, key: str) -> None:
    assert directory.post("failures", do="ignore", failure=key).status_code == 404


def test_failure_of_another_connection_is_404(directory: Directory) -> None:
    post(connect("other", "corp"), "")
    failure = only_failure()

    statuses = [
        directory.post("failures", do="ignore", failure=failure.pk).status_code,
        directory.page("mend", failure.pk, "link").status_code,
        directory.post("mend", failure.pk, "link").status_code,
    ]

    assert statuses == [404] * 3
    assert only_failure().state == Failure.State.OPEN


@pytest.mark.parametrize("kind", REFUSED)
def test_mending_is_refused_to_others(directory: Directory, kind: str) -> None:
    post(directory.scim, "")
    where = address("mend", directory.connection.pk, only_failure().pk, "link")
    client = person(kind)

    ignore = {"do": "ignore", "failure": str(only_failure().pk)}
    statuses = {
        client.get(where).status_code,
        client.post(where).status_code,
        client.post(address("failures", directory.connection.pk), ignore).status_code,
    }

    assert statuses == {REFUSED[kind]}
    assert only_failure().state == Failure.State.OPEN
    assert not LinkedAccount.objects.exists()


@pytest.mark.parametrize("who", ["staff", "no member", "inactive"])
def test_who_may_not_be_linked_is_not_and_nothing_is_told(
    directory: Directory, scim_settings: Any, who: str
) -> None:
    name = "eve@corp.example"
    make_user(name, is_staff=who == "staff", is_active=who != "inactive")
    if who != "no member":
        make_organization("corp", **{name: "member"})
    refuse(directory, name)
    scim_settings(LINK_EXISTING_USERS={"trusted_domains": ["corp.example"]})
    failure = only_failure()

    asked = directory.page("mend", failure.pk, "link")
    done = directory.post("mend", failure.pk, "link")

    for page in (asked, done):
        assert "This cannot be done here." in text_of(page)
        assert "Staff" not in text_of(page)
        assert "LINK_EXISTING_USERS" not in text_of(page)
    assert done.status_code == 400
    assert not LinkedAccount.objects.exists()


def test_member_is_linked_by_a_button_where_the_policy_allows_it(
    directory: Directory, scim_settings: Any
) -> None:
    make_organization("corp", **{"eve@corp.example": "member"})
    refuse(directory)
    before = directory.page("failures").content.decode()
    scim_settings(LINK_EXISTING_USERS={"trusted_domains": ["corp.example"]})
    where = address("mend", directory.connection.pk, only_failure().pk, "link")

    offered = directory.page("failures").content.decode()
    asked = text_of(directory.client.get(where))
    done = directory.client.post(where)

    assert where not in before
    assert where in offered
    assert "eve@corp.example" in asked
    assert done.status_code == 302
    account = LinkedAccount.objects.get()
    assert account.user.get_username() == "eve@corp.example"
    assert only_failure().state == Failure.State.DONE
