"""Mappings in the admin give nobody what they do not have themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import RoleMapping
from tests.administration import confirmed, logged_in, staff, url
from tests.factories import make_connection
from tests.people import make_organization
from tests.tenancy.models import Membership
from tests.test_admin_permissions import PERMISSIONS

pytestmark = pytest.mark.django_db


class AdapterWithRoles(DefaultAdapter):
    """A project with a role of its own."""

    def roles(self) -> Any:
        return ["billing"]


def autocompleted(client: Client) -> bytes:
    field = {"app_label": "scim_provider", "model_name": "rolemapping", "field_name": "provider"}
    return bytes(client.get(reverse("admin:autocomplete"), field).content)


def test_list_is_narrowed_by_words_and_not_by_names_of_attributes() -> None:
    page = logged_in(staff("root", is_superuser=True)).get(url(RoleMapping, "changelist"))

    shown = page.content.decode()
    assert "By kind" in shown
    assert "groups of one name" in shown
    assert "?match_by__exact=displayName" in shown
    assert "match by" not in shown


def test_personal_connections_of_others_are_no_choices_of_a_mapping() -> None:
    make_connection(provider_id="theirs", owner=staff("boss"))
    make_connection(provider_id="shared")
    group = Group.objects.create(name="own")
    eve = staff("eve", *PERMISSIONS)
    eve.groups.add(group)
    client = logged_in(eve)

    choices = autocompleted(client)
    for provider_id in ("theirs", "shared"):
        answers = {"provider": provider_id, "match_by": "id", "group_name": "x"}
        confirmed(client, url(RoleMapping, "add"), {**answers, "django_group": group.pk})

    assert b"shared" in choices
    assert b"theirs" not in choices
    assert list(RoleMapping.objects.values_list("provider", flat=True)) == ["shared"]


@pytest.mark.parametrize(
    "target", ["project_role", "organization_role", "role-elsewhere", "django_group"]
)
@pytest.mark.parametrize("given", [("change_rolemapping",), tuple(PERMISSIONS)])
@pytest.mark.parametrize("field", ["provider", "group_name"])
def test_mapping_to_what_staff_do_not_have_is_theirs_to_read_and_not_to_point_elsewhere(
    scim_settings: Any, target: str, given: tuple[str, ...], field: str
) -> None:
    scim_settings(ADAPTER=f"{__name__}.AdapterWithRoles")
    eve = staff("eve", *given)
    make_organization("corp")
    Membership.objects.create(user=eve, organization=make_organization("other"), role="admin")
    make_connection(provider_id="eves", owner=eve)
    boss = make_connection(provider_id="boss", organization_id="corp")
    roles: dict[str, dict[str, Any]] = {
        "project_role": {"project_role": "billing"},
        "organization_role": {"organization_role": "auditor"},
        "role-elsewhere": {"organization_role": "admin"},
        "django_group": {"django_group": Group.objects.create(name="boss")},
    }
    role = roles[target]
    mapping = RoleMapping.objects.create(provider=boss, value="x", **role)
    sent = {name: getattr(value, "pk", value) for name, value in role.items()}
    answers = {"provider": "boss", "match_by": "id", "group_name": "x", **sent}
    address = url(RoleMapping, "change", mapping.pk)
    client = logged_in(eve)

    page = client.get(address)
    other = {"provider": "eves", "group_name": "mine"}[field]
    changed = client.post(address, {**answers, field: other})

    mapping.refresh_from_db()
    assert (page.status_code, changed.status_code) == (200, 403)
    assert b'name="_save"' not in page.content
    assert (mapping.provider_id, mapping.value) == ("boss", "x")


@pytest.mark.parametrize("target", ["organization_role", "django_group"])
def test_mapping_to_what_staff_have_is_theirs_to_change(target: str) -> None:
    eve = staff("eve", "change_rolemapping")
    Membership.objects.create(user=eve, organization=make_organization("corp"), role="auditor")
    own = Group.objects.create(name="own")
    eve.groups.add(own)
    make_connection(organization_id="corp")
    role: Any = {"organization_role": "auditor"}
    if target == "django_group":
        role = {"django_group": own}
    mapping = RoleMapping.objects.create(provider_id="acme", value="x", **role)
    sent = {name: getattr(value, "pk", value) for name, value in role.items()}
    answers = {"match_by": "id", "group_name": "y", **sent}

    answer = confirmed(logged_in(eve), url(RoleMapping, "change", mapping.pk), answers)

    mapping.refresh_from_db()
    assert (answer.status_code, mapping.value) == (302, "y")


def test_superuser_changes_every_mapping(root: Client, scim_settings: Any) -> None:
    scim_settings(ADAPTER=f"{__name__}.AdapterWithRoles")
    make_connection()
    mapping = RoleMapping.objects.create(provider_id="acme", value="x", project_role="billing")
    answers = {"match_by": "id", "group_name": "y", "project_role": "billing"}

    confirmed(root, url(RoleMapping, "change", mapping.pk), answers)

    mapping.refresh_from_db()
    assert mapping.value == "y"


def test_key_of_a_mapping_follows_a_column_that_is_saved_alone(root: Client) -> None:
    old, new = (Group.objects.create(name=name) for name in ("old", "new"))
    own: Any = {"provider": make_connection(), "value": "1", "match_by": "displayName"}
    mapping = RoleMapping.objects.create(django_group=old, **own)

    mapping.django_group = new
    mapping.save(update_fields=["django_group"])

    mapping.refresh_from_db()
    assert mapping.target_key == f"group:{new.pk}"
    answers = {"provider": "acme", "match_by": "id", "group_name": "1", "django_group": old.pk}
    assert confirmed(root, url(RoleMapping, "add"), answers).status_code == 302
