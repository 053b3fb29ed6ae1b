"""What the self-check finds of maps, and what linked people bring; run by ``tests.projects``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command

from django_scim_provider.attribute_map import Mapped
from django_scim_provider.models import LinkedAccount
from tests.people import connect, make_user
from tests.projects.mapped.models import Person, Profile
from tests.projects.mapped.settings import ATTRIBUTE_MAP, ENTERPRISE
from tests.selfcheck.conftest import Checked, checked

__all__ = ["checked"]
pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "map:title"


def of_a_number(value: Any) -> str:
    raise KeyError("costCentre")


def of_nobody(value: Any) -> str:
    raise ValueError("none of ours")


def test_each_entry_of_a_sound_map_passes(checked: Checked) -> None:
    parts = checked(*(f"map:{text}" for text in ATTRIBUTE_MAP))

    assert {name: (part.state, part.faults) for name, part in parts.items()} == {
        f"map:{text}": ("passed", []) for text in ATTRIBUTE_MAP
    }


@pytest.mark.parametrize(
    ("entry", "where", "says"),
    [
        pytest.param(
            Mapped("job_title", to_host=of_a_number),
            f"{__name__}.of_a_number (line ",
            "raises KeyError: 'costCentre'",
            id="to-host-raises",
        ),
        pytest.param(
            Mapped("job_title", read=True, to_scim=of_a_number),
            f"{__name__}.of_a_number (line ",
            "raises KeyError: 'costCentre'",
            id="to-scim-raises",
        ),
        pytest.param(
            Mapped("job_title", read=True, to_scim=str.title),
            "SCIM_PROVIDER['ATTRIBUTE_MAP']['title']",
            "to_scim should undo what to_host does",
            id="not-undone",
        ),
        pytest.param(
            Mapped("job_title", to_host=of_nobody),
            "SCIM_PROVIDER['ATTRIBUTE_MAP']['title']",
            "none of ours). Name one with --user.",
            id="no-value",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_told(
    checked: Checked, entry: Mapped, where: str, says: str
) -> None:
    part = checked(TITLE, ATTRIBUTE_MAP={"title": entry})[TITLE]

    (fault,) = part.faults
    assert says in fault.says
    assert fault.where.startswith(where)


def test_field_that_the_project_changes_is_told(checked: Checked, monkeypatch: Any) -> None:
    def save(self: Any, *args: Any, **keywords: Any) -> None:
        self.job_title = self.job_title.upper()
        super(Person, self).save(*args, **keywords)

    monkeypatch.setattr(Person, "save", save)

    part = checked(TITLE, ATTRIBUTE_MAP={"title": "job_title"})[TITLE]

    assert part.state == "failed"
    assert any("makes job_title of the user '" in fault.says for fault in part.faults)


def test_map_of_one_connection_is_checked_as_that(checked: Checked) -> None:
    part = checked(
        TITLE, ATTRIBUTE_MAP={}, CONNECTION_ATTRIBUTE_MAPS={"acme": {"title": "job_title"}}
    )[TITLE]

    assert part.state == "skipped"
    assert "--provider" in part.skipped


def test_people_who_are_linked_bring_what_the_project_has_of_them() -> None:
    connect()
    user = make_user("ann", email="ann@x.example", job_title="Chief", kind="C", phone="+1 2")
    user.building = "West"
    user.save()
    Profile._default_manager.create(person=user, department="IT", desk="D1")

    link()

    resource = json.loads(LinkedAccount.objects.get().resource)
    assert resource["userType"] == "Contractor"
    assert resource["phoneNumbers"] == [{"type": "work", "value": "+1 2"}]
    assert ENTERPRISE not in resource
    assert "title" not in resource
    assert "West" not in json.dumps(resource)


def test_what_another_connection_wrote_is_not_brought() -> None:
    first = connect("first")
    made = first.create_user("ann", userType="Contractor")
    connect()
    user = LinkedAccount.objects.get(scim_id=made["id"]).user
    type(user).objects.update(email="ann@x.example")

    link()

    resource = json.loads(LinkedAccount.objects.get(provider__provider_id="acme").resource)
    assert "userType" not in resource


def link() -> None:
    call_command(
        "scim_link_users", "acme", "--email-domain", "x.example", "--trust-unverified", "--commit"
    )
