"""Closing a connection in the portal: whom it touches, told to who owns it."""

from __future__ import annotations

from django_scim_provider.models import ProvisioningEvent
from tests.people import host_user, make_organization, post
from tests.portal.conftest import Directory, text_of
from tests.tenancy.models import Membership


def test_page_says_what_becomes_of_whom(directory: Directory) -> None:
    post(directory.scim, "ann@corp.example")

    said = text_of(directory.page("close"))

    assert "ann@corp.example" in said
    assert "log-in closed, sessions ended; membership of the organization ends" in said


def test_nothing_is_said_of_other_organizations(directory: Directory) -> None:
    ann = post(directory.scim, "ann@corp.example").json
    Membership.objects.create(user=host_user(ann), organization=make_organization("elsewhere"))

    answers = [directory.page("close"), directory.page("close", csv="")]
    said = [text_of(answers[0]), b"".join(answers[1]).decode()]

    assert all("log-in stays" in each for each in said)
    assert not any("another" in each.split("ann@corp.example")[1][:120] for each in said)


def test_file_has_everybody_and_is_kept_nowhere(directory: Directory) -> None:
    for number in range(12):
        post(directory.scim, f"u{number}@corp.example")

    answer = directory.page("close", csv="")

    assert len(b"".join(answer).decode().splitlines()) == 13
    assert answer.headers["Cache-Control"] == "no-store, private"
    (event,) = ProvisioningEvent.objects.filter(action="export_consequences")
    assert (str(event.provider_id), event.actor) == ("okta-corp", directory.owner)
