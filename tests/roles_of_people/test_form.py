"""The form of a mapping that looks at people: what it takes, shows and refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from django_scim_provider.attribute_map import Mapped
from django_scim_provider.models import LinkedAccount, RoleMapping
from tests.administration import confirmed, logged_in, staff, url
from tests.extensions import BADGE_URN
from tests.people import connect, post
from tests.previews.conftest import text_of, told
from tests.roles_of_people.mapping import map_everyone, map_value
from tests.roles_of_people.test_attributes import DEPARTMENT, put
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew() -> Group:
    return Group.objects.create(name="crew")


@pytest.fixture
def scim() -> SCIMTestClient:
    client = connect()
    for name, kind in (("ann", "Contractor"), ("bob", "contractor"), ("eve", "Employee")):
        assert post(client, name, userType=kind).status == 201
    return client


def answers(crew: Group, source: str = "attribute", **more: Any) -> dict[str, Any]:
    of_value = {"person_attribute": "usertype", "person_value": "Contractor"}
    chosen = of_value if source == "attribute" else {}
    return {"provider": "acme", "source": source, "django_group": crew.pk, **chosen, **more}


def members(group: Group) -> list[str]:
    return sorted(user.username for user in group.user_set.all())


def test_who_has_the_value_is_shown_and_gains(
    root: Client, scim: SCIMTestClient, crew: Group
) -> None:
    page = root.post(url(RoleMapping, "add"), answers(crew))
    said = text_of(page)
    nobody_yet = members(crew)

    answer = confirmed(root, url(RoleMapping, "add"), answers(crew))

    assert "2 people gain it" in said
    assert nobody_yet == []
    assert members(crew) == ["ann", "bob"]
    assert any("2 people gained it" in message for message in told(answer))
    mapping = RoleMapping.objects.get()
    assert (mapping.match_by, mapping.attribute, mapping.value) == (
        "attribute",
        "userType",
        "Contractor",
    )


def test_default_role_is_shown_and_given(root: Client, scim: SCIMTestClient, crew: Group) -> None:
    page = root.post(url(RoleMapping, "add"), answers(crew, "everyone"))

    confirmed(root, url(RoleMapping, "add"), answers(crew, "everyone"))

    assert "3 people gain it" in text_of(page)
    assert members(crew) == ["ann", "bob", "eve"]


def test_change_of_the_value_shows_both_sides(
    root: Client, scim: SCIMTestClient, crew: Group
) -> None:
    confirmed(root, url(RoleMapping, "add"), answers(crew))
    address = url(RoleMapping, "change", RoleMapping.objects.get().pk)
    form = root.get(address).context["adminform"].form
    held = {name: form.initial.get(name) for name in ("source", "person_attribute", "person_value")}

    page = root.post(address, answers(crew, person_value="employee"))
    confirmed(root, address, answers(crew, person_value="employee"))

    assert held == {
        "source": "attribute",
        "person_attribute": "userType",
        "person_value": "Contractor",
    }
    assert "1 person gains it" in text_of(page)
    assert "2 people lose it" in text_of(page)
    assert members(crew) == ["eve"]


def test_deleting_shows_who_loses_and_takes_it_back(
    root: Client, scim: SCIMTestClient, crew: Group
) -> None:
    confirmed(root, url(RoleMapping, "add"), answers(crew))
    address = url(RoleMapping, "delete", RoleMapping.objects.get().pk)

    page = root.get(address)
    shown = page.context["effects"][0].fingerprint
    root.post(address, {"post": "yes", "shown": shown})

    assert "2 people lose it" in text_of(page)
    assert members(crew) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        pytest.param("nickname2", "x", "no attribute", id="unknown"),
        pytest.param("", "x", "Name the attribute", id="none"),
        pytest.param("userType", "", "Say which value", id="no-value"),
        pytest.param("password", "x", "no attribute", id="secret"),
        pytest.param("groups", "x", "does not write", id="groups"),
        pytest.param("id", "x", "does not write", id="id"),
        pytest.param("active", "true", "can stand for no role", id="active"),
        pytest.param("name", "x", "has several parts", id="complex"),
        pytest.param("roles.primary", "maybe", "true or false", id="no-boolean"),
        pytest.param('roles[type eq "a"].value', "x", "no attribute", id="filter"),
    ],
)
def test_what_no_directory_says_is_refused(
    root: Client, scim: SCIMTestClient, crew: Group, path: str, value: str, message: str
) -> None:
    given = answers(crew, person_attribute=path, person_value=value)

    page = root.post(url(RoleMapping, "add"), given)

    assert message in text_of(page)
    assert not RoleMapping.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("level", "9223372036854775808", id="beyond-64-bits"),
        pytest.param("level", "1_000", id="underscore"),
        pytest.param("level", "1.5", id="fraction"),
        pytest.param("score", "nan", id="no-number"),
        pytest.param("score", "1e999", id="infinite"),
    ],
)
def test_what_no_number_can_be_is_refused(
    root: Client, crew: Group, scim_settings: Callable[..., None], name: str, value: str
) -> None:
    scim_settings(EXTENSIONS={"User": ["tests.extensions.BADGE"]})
    connect()
    given = answers(crew, person_attribute=f"{BADGE_URN}:{name}", person_value=value)

    page = root.post(url(RoleMapping, "add"), given)

    assert "It has to be a number" in text_of(page)


def test_attribute_that_the_project_keeps_is_refused(
    root: Client, scim: SCIMTestClient, crew: Group, scim_settings: Callable[..., None]
) -> None:
    scim_settings(ATTRIBUTE_MAP={"userType": Mapped("last_name", write=False, read=True)})

    page = root.post(url(RoleMapping, "add"), answers(crew))

    assert "does not write" in text_of(page)
    assert not RoleMapping.objects.exists()


def test_staff_map_people_to_what_they_have_themselves_alone(
    scim: SCIMTestClient, crew: Group
) -> None:
    own = Group.objects.create(name="own")
    verbs = ("add", "view", "change", "delete")
    eve = staff("boss", *(f"{verb}_rolemapping" for verb in verbs), "view_providerconnection")
    eve.groups.add(own)
    client = logged_in(eve)

    confirmed(client, url(RoleMapping, "add"), answers(crew, "everyone"))
    refused = RoleMapping.objects.count()
    confirmed(client, url(RoleMapping, "add"), answers(own, "everyone"))

    assert refused == 0
    assert members(crew) == []
    assert members(own) == ["ann", "bob", "boss", "eve"]


def test_list_and_form_say_who_gets_it(root: Client, scim: SCIMTestClient, crew: Group) -> None:
    map_value(DEPARTMENT, "Sales")
    map_value("roles.value", "Admin")
    broken = map_value("userType", "x")
    map_everyone()
    RoleMapping.objects.filter(pk=broken.pk).update(attribute="urn:example:gone:User:kind")

    said = text_of(root.get(url(RoleMapping, "changelist")))

    for text in ("department is “Sales”", "roles is “Admin”", "everybody", "no such attribute any"):
        assert text in said


def test_timeline_says_why(root: Client, crew: Group) -> None:
    client = connect()
    map_value("userType", "x", to="makers")
    map_everyone(to="people")
    ann = post(client, "ann", userType="x").json
    account = LinkedAccount.objects.get()
    put(client, ann, "userType", "y")

    said = text_of(root.get(url(LinkedAccount, "change", account.pk)))
    RoleMapping.objects.all().delete()
    after = text_of(root.get(url(LinkedAccount, "change", account.pk)))

    assert "Got the Django group makers, as userType is “x”" in said
    assert "Got the Django group people, which everybody has" in said
    assert "Lost the Django group makers, as nothing stands for it any more" in said
    assert "through a group or a mapping that is gone" in after
