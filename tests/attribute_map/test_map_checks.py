"""What the check says of maps; the user model is the suite's."""

from __future__ import annotations

from typing import Any

import pytest

from django_scim_provider.attribute_map import Mapped
from django_scim_provider.checks import check_settings
from django_scim_provider.connections.products.meanings import meaning_of
from tests.scim_client import ENTERPRISE

KNOWN = "is how the identity provider knows people"
READ: dict[str, Any] = {"read": True, "write": False}


def said(settings: Any, key: str = "ATTRIBUTE_MAP", **of: Any) -> list[str]:
    """Return the messages, without what each begins with."""
    settings.SCIM_PROVIDER = {key: of["map"]}
    return [str(each.msg).split("]: ", 1)[1] for each in check_settings()]


@pytest.mark.parametrize(
    "entries",
    [
        {"title": "first_name", f"{ENTERPRISE}:department": "last_name"},
        {"title": Mapped("date_joined", **READ)},
        {'phoneNumbers[type eq "work"].value': "last_login"},
        {"nickName": Mapped("first_name", to_host="builtins.str", choices={"a": "b"})},
    ],
)
def test_map_that_fits_is_taken(settings: Any, entries: Any) -> None:
    assert said(settings, map=entries) == []


@pytest.mark.parametrize(
    ("name", "entry", "problem"),
    [
        ("titel", "first_name", "is no attribute of users."),
        (f"{ENTERPRISE}:manager.displayName", "first_name", "is readOnly: no client writes it."),
        ("title", Mapped("first_name", choices=["a"]), "has choices that are no dict."),  # type: ignore[arg-type]
        ("phoneNumbers", Mapped("first_name", **READ), "(several parts) cannot be made of "),
        ("Title", "first_name", "has to be written 'title'."),
        ("a b", "first_name", "is no path of an attribute: 'a b' is not a valid path."),
        ("active", "first_name", "is what the app itself decides by, and no map has it."),
        ("password", "first_name", "is what the app itself decides by, and no map has it."),
        ("title", "job", "names 'job', and auth.User has no such field."),
        ("title", 5, "must be the name of a field or a Mapped."),
        ("title", "a.b", "names 'a', which is no model with a one-to-one relation to auth.User."),
        ("title", "id", "names 'id', which is a primary key."),
        ("title", "email", "names 'email', which people log in with or get mail by: "),
        ("title", "username", "names 'username', which people log in with or get mail by: "),
        ("title", "logentry", "names 'logentry', which is a relation to other rows: "),
        ("meta", Mapped("first_name", **READ), "is what the app itself decides by"),
        ("userName", Mapped("first_name", read=True), KNOWN),
        (
            "name.givenName",
            Mapped("last_name", **READ),
            KNOWN,
        ),
        ("emails.value", Mapped("first_name", **READ), KNOWN),
        ("title", Mapped("first_name", write=False), "is neither written nor shown: "),
        ("phoneNumbers", "first_name", "(several parts) cannot go into 'first_name' (CharField): "),
        (
            "phoneNumbers.value",
            Mapped("first_name", read=True),
            "has several values: ",
        ),
        ("phoneNumbers[type eq 'x'].value", "first_name", "is no path of an attribute: "),
        ('phoneNumbers[kind eq "x"].value', "first_name", "has a filter by 'kind', and "),
        ('phoneNumbers[type eq "work"]', "first_name", "selects a whole value: name a part"),
        (
            'name[x eq "y"].formatted',
            "first_name",
            "has one value, and ",
        ),
        (
            "title",
            Mapped("first_name", to_host="no.where"),
            "has a to_host that cannot ",
        ),
        (
            "title",
            Mapped("first_name", to_scim="tests.legs.ONCE"),
            "has a to_scim that is not ",
        ),
        (
            "emails[primary eq true].primary",
            "date_joined",
            "(boolean) cannot go into ",
        ),
    ],
)
def test_map_that_cannot_be_is_refused(settings: Any, name: str, entry: Any, problem: str) -> None:
    (found,) = said(settings, map={name: entry})

    assert found.startswith(f"{name!r} {problem}")


@pytest.mark.parametrize(
    "field", ["is_superuser", "is_staff", "is_active", "password", "groups", "user_permissions"]
)
@pytest.mark.parametrize("direction", [{}, READ])
def test_what_decides_who_may_come_in_is_refused(
    settings: Any, field: str, direction: dict[str, Any]
) -> None:
    (found,) = said(settings, map={"title": Mapped(field, **direction)})

    assert "decides who may come in and what they may do" in found


def test_field_has_one_attribute(settings: Any) -> None:
    (found,) = said(settings, map={"title": "first_name", "nickName": "first_name"})

    assert found == "'nickName' and 'title' both write 'first_name'."


def test_misspelt_attribute_gets_a_hint(settings: Any) -> None:
    settings.SCIM_PROVIDER = {"ATTRIBUTE_MAP": {f"{ENTERPRISE}:departement": "first_name"}}

    (found,) = check_settings()

    assert (found.id, found.hint) == (
        "scim_provider.E014",
        f"Did you mean '{ENTERPRISE}:department'?",
    )


def test_maps_of_connections_are_held_to_the_same(settings: Any) -> None:
    maps = {"acme": {"title": "is_staff"}}

    (found,) = said(settings, "CONNECTION_ATTRIBUTE_MAPS", map=maps)

    assert found.startswith("'title' names 'is_staff', ")


def test_people_are_told_which_field_an_attribute_goes_into(settings: Any) -> None:
    settings.SCIM_PROVIDER = {
        "ATTRIBUTE_MAP": {"title": "first_name", "nickName": Mapped("last_name", **READ)}
    }

    assert meaning_of("title") == "“First name” of the user"
    assert meaning_of("nickName") == meaning_of("displayName")
