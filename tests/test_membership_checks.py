"""``MEMBERSHIP`` is held to the project's models at start: roles, fields, look-ups of teams."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import models

from django_scim_provider.checks import check_settings
from django_scim_provider.models import LinkedAccount
from tests.people import connect, make_organization, make_user, post
from tests.tenancy.models import Membership, Organization

BACKENDS = "django_scim_provider.organizations"


class Role(models.TextChoices):
    """The roles of a project that calls them by letters of its own."""

    OWNER = "own", "Owner"
    ADMIN = "admin", "Administrator"
    MEMBER = "member", "Member"


@pytest.fixture
def choices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the role field of the project choices."""
    monkeypatch.setattr(Membership._meta.get_field("role"), "choices", Role.choices)


def told(settings: Any, required: Any = None, **described: Any) -> list[tuple[str, str, str]]:
    settings.SCIM_PROVIDER = {
        "ORGANIZATION_BACKEND": f"{BACKENDS}.MembershipModelBackend",
        "MEMBERSHIP": {"model": "tenancy.Membership", "active": "is_active", **described},
        **({"REQUIRED_ROLE": required} if required is not None else {}),
    }
    return [
        (str(found.id).removeprefix("scim_provider."), found.msg, str(found.hint or ""))
        for found in check_settings()
    ]


@pytest.mark.usefixtures("choices")
@pytest.mark.parametrize(
    ("described", "named", "meant"),
    [
        ({}, "'owner'", "'own'"),
        ({"owner_roles": ["OWN"]}, "'OWN'", "'own'"),
        ({"owner_roles": ["own", "Administrater"]}, "'Administrater'", "'admin'"),
        ({"owner_roles": ["own"], "default_role": "membre"}, "'membre'", "'member'"),
        ({"owner_roles": ["own"], "default_role": "zzz"}, "'zzz'", None),
    ],
)
def test_role_that_is_no_choice_is_told_with_the_one_that_may_be_meant(
    settings: Any, described: Any, named: str, meant: str | None
) -> None:
    ((number, message, hint),) = told(settings, **described)

    assert number == "E007"
    assert f"{named} is not a choice of the field 'role'" in message
    listed = "Its choices are own, admin, member."
    assert hint == (f"Did you mean {meant}?" if meant else listed)


@pytest.mark.usefixtures("choices")
def test_roles_among_the_choices_pass(settings: Any) -> None:
    assert told(settings, owner_roles=["own"], required=["admin", "own"]) == []


@pytest.mark.parametrize(
    ("required", "numbers"), [(None, ["W022"]), (["boss"], []), ([], []), (["bos"], ["E007"])]
)
def test_roles_of_which_none_may_manage_connections_are_told(
    settings: Any, monkeypatch: pytest.MonkeyPatch, required: Any, numbers: list[str]
) -> None:
    field = Membership._meta.get_field("role")
    monkeypatch.setattr(field, "choices", [("boss", "Boss"), ("crew", "Crew")])

    found = told(settings, required, owner_roles=["boss"], default_role="crew")

    assert [number for number, _, _ in found] == numbers
    for number, message, _ in found:
        assert number == "E007" or "boss, crew" in message


@pytest.mark.usefixtures("choices")
def test_required_role_that_nobody_can_have_is_told(settings: Any) -> None:
    ((number, message, hint),) = told(settings, owner_roles=["own"], required=["admim"])

    assert number == "E007"
    assert "REQUIRED_ROLE" in message
    assert hint == "Did you mean 'admin'?"


def test_required_role_of_the_package_is_told(settings: Any) -> None:
    settings.SCIM_PROVIDER = {
        "ORGANIZATION_BACKEND": f"{BACKENDS}.DjangoOrganizationsBackend",
        "REQUIRED_ROLE": ["owners"],
    }

    (found,) = check_settings()

    assert (found.id, found.hint) == ("scim_provider.E007", "Did you mean 'owner'?")


def test_required_role_that_resembles_none_is_told_with_those_that_there_are(
    settings: Any,
) -> None:
    settings.SCIM_PROVIDER = {
        "ORGANIZATION_BACKEND": f"{BACKENDS}.DjangoOrganizationsBackend",
        "REQUIRED_ROLE": ["zzz"],
    }

    (found,) = check_settings()

    assert (found.id, found.hint) == ("scim_provider.E007", "There are owner, admin, member.")


@pytest.mark.parametrize(
    ("described", "number", "said"),
    [
        ({"owner_roles": "owner"}, "E002", "['owner_roles'] must be list[str]"),
        ({"default_role": None}, "E002", "['default_role'] must be str"),
        ({"several_roles": "yes"}, "E002", "['several_roles'] must be bool"),
        ({"teams": {"tenancy.TeamMember": "user"}}, "E002", "['teams'] must be"),
        ({"teams": {"tenancy.TeamMember": ("user",)}}, "E002", "['teams'] must be"),
        ({"default_role": "x" * 65}, "E007", "too long"),
        ({"owner_roles": ["x" * 65]}, "E007", "too long"),
        ({"owner_roles": ["owner,admin"]}, "E007", "not the name of a role"),
        ({"owner_roles": [" "]}, "E007", "not the name of a role"),
        ({"default_role": "OWNER"}, "E007", "must not be the role of an owner"),
        ({"role": "rolle"}, "E007", "has no field 'rolle'"),
        ({"role": "organization", "organization": "role"}, "E007", "holds the role's name"),
        ({"user": "organization"}, "E007", "foreign key to the user model"),
        ({"active": "role"}, "E007", "must be a boolean field"),
        ({"organization_active": "id"}, "E007", "has no boolean field 'id'"),
        ({"teams": {"tenancy.TeamMembers": ("user", "team")}}, "E007", "no model"),
        (
            {"teams": {"tenancy.TeamMember": ("user", "team__organisation")}},
            "E007",
            "tenancy.Team has no field 'organisation'",
        ),
        (
            {"teams": {"tenancy.TeamMember": ("person", "team__organization")}},
            "E007",
            "tenancy.TeamMember has no field 'person'",
        ),
        (
            {"teams": {"tenancy.TeamMember": ("team", "team__organization")}},
            "E007",
            "does not lead to auth.User",
        ),
        (
            {"teams": {"tenancy.TeamMember": ("user", "team")}},
            "E007",
            "does not lead to tenancy.Organization",
        ),
        (
            {"teams": {"tenancy.TeamMember": ("user", "team__organization__id__x")}},
            "E007",
            "goes on behind the last relation",
        ),
    ],
)
def test_what_does_not_fit_the_models_is_told(
    settings: Any, described: Any, number: str, said: str
) -> None:
    found = told(settings, **described)

    assert [each[0] for each in found] == [number]
    assert said in found[0][1]


@pytest.mark.parametrize(
    "described",
    [
        {"teams": {"tenancy.TeamMember": ("user", "team__organization")}},
        {"teams": {"tenancy.TeamMember": ["user_id", "team__organization__pk"]}},
        {"teams": {"tenancy.TeamMember": ("user__pk", "team__organization_id")}},
        {"owner_roles": []},
        {"owner_roles": ("owner", "boss")},
        {"role": None},
    ],
)
def test_what_fits_the_models_passes(settings: Any, described: Any) -> None:
    assert told(settings, **described) == []


def test_misspelt_field_of_a_team_has_a_hint(settings: Any) -> None:
    found = told(settings, teams={"tenancy.TeamMember": ("user", "team__organisation")})

    assert found[0][2] == "Did you mean 'organization'?"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["owner", "Owner", "OWNER"])
@pytest.mark.parametrize("named", ["owner", "Owner"])
def test_last_owner_stays_however_the_role_is_spelled(
    scim_settings: Any, role: str, named: str
) -> None:
    described = {"model": "tenancy.Membership", "active": "is_active", "owner_roles": [named]}
    scim_settings(LINK_EXISTING_USERS=True, MEMBERSHIP=described)
    make_organization("corp", **{"boss@x.example": role})
    client = connect(organization_id="corp")
    linked = post(client, "boss@x.example").json

    answer = client.request("DELETE", f"/Users/{linked['id']}")

    assert answer.status == 403
    assert Membership.objects.get().role == role
    assert LinkedAccount.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("roles", "owner_roles", "warned"),
    [
        (["boss", "member"], ["owner"], True),
        (["owner", "member"], ["owner"], False),
        ([], ["owner"], False),
        (["boss"], [], False),
    ],
)
def test_owner_roles_that_match_nobody_are_told(
    scim_settings: Any, roles: list[str], owner_roles: list[str], warned: bool
) -> None:
    described = {"model": "tenancy.Membership", "owner_roles": owner_roles}
    scim_settings(MEMBERSHIP=described)
    organization = Organization.objects.create(id="corp")
    for number, role in enumerate(roles):
        user = make_user(f"user{number}")
        Membership.objects.create(organization=organization, user=user, role=role)

    found = {message.id for message in run_checks(databases=["default"])}

    assert ("scim_provider.W011" in found) is warned
    assert "scim_provider.W011" not in {message.id for message in run_checks()}
