"""Adapters of the pages, asked what the pages say of them."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group
from django.core.management import call_command

from django_scim_provider.models import LinkedAccount
from tests.documentation.python_blocks.life import live, person
from tests.documentation.python_blocks.project import Project
from tests.documentation.python_blocks.uses import NOTHING, use
from tests.people import make_organization, make_user, set_active
from tests.scim_client import CORE

BADGE = "urn:example:params:scim:schemas:extension:badge:2.0:User"


@use("django_scim_provider/adapter/__init__.py", "Adapter")
@use("how-to/extend", "Adapter")
@use("how-to/extend", "SCIM_PROVIDER")
def company_of_the_connection(project: Project) -> None:
    project.configure(ADAPTER="accounts.scim.Adapter")
    fields = project.adapter().user_fields(person("eve"))
    assert fields["company"] == project.names["Company"].objects.get()
    assert fields["username"] in ("eve", "acme/eve")


@use("how-to/declare-an-extension", "Adapter.user_fields")
def badge_is_written(project: Project) -> None:
    project.configure(**project.names["SCIM_PROVIDER"])
    sent = person("ann", **{BADGE: {"number": "B-1", "level": 3}})
    sent["schemas"] = [CORE, BADGE]
    made = project.client.request("POST", "/Users", sent)
    assert made.status == 201, made
    assert project.user("ann").last_name == "B-1"


@use("how-to/find-and-repair-drift", "Adapter.differences")
def phone_differs_once_the_project_changed_it(project: Project) -> None:
    project.configure(ADAPTER="accounts.scim.Adapter")
    profile = project.names["profile"]
    project.client.request("POST", "/Users", person("ann"))
    profile.phone = "+1 202 555 0100"
    found = [project.adapter().differences(*_compared(project)) for _ in range(2)]
    assert found == [{}, {}]

    profile.phone = "another one"
    call_command("scim_drift", repair=True, verbosity=0)
    assert profile.phone == "+1 202 555 0100"
    assert profile.save.called


def _compared(project: Project) -> tuple[Any, Any, Any]:
    adapter, user = project.adapter(), project.user("ann")
    resource = json.loads(LinkedAccount.objects.get().resource)
    return user, resource, adapter.user_fields(resource)


@use("how-to/link-existing-users", "Adapter.is_email_verified")
def verified_is_what_the_project_says(project: Project) -> None:
    project.configure(ADAPTER="accounts.scim.Adapter", LINK_EXISTING_USERS=True)
    ann = make_user("ann@corp.example")
    assert not project.adapter().is_email_verified(ann, "ann@corp.example")
    refused = project.client.request("POST", "/Users", person("ann@corp.example"))
    assert refused.status == 409

    project.monkeypatch.setattr(type(ann), "email_verified_at", date.today())
    linked = project.client.request("POST", "/Users", person("ann@corp.example"))
    assert LinkedAccount.objects.get(scim_id=linked.id).user == ann


@use("how-to/link-existing-users", "Adapter.find_users")
def people_are_found_by_the_uid_of_their_log_in(project: Project) -> None:
    project.configure(ADAPTER="accounts.scim.Adapter", LINK_EXISTING_USERS=True)
    bob = make_user("bob", email="")
    SocialAccount.objects.create(user=bob, provider="okta-acme", uid="00u-robert")
    linked = project.client.request("POST", "/Users", person("robert"))
    assert linked.status == 201, linked
    assert LinkedAccount.objects.get(scim_id=linked.id).user == bob


@use("how-to/link-existing-users", "Adapter.may_change_identity")
def identity_of_people_of_that_domain_may_change(project: Project) -> None:
    adapter: Any = project.adapter()
    assert not adapter.may_change_identity(SimpleNamespace(email="ann@corp.example"))
    adapter.context = SimpleNamespace(provider_id="corp-okta")
    assert adapter.may_change_identity(SimpleNamespace(email="ann@corp.example"))
    assert not adapter.may_change_identity(SimpleNamespace(email="ann@else.example"))


@use("how-to/map-attributes", "Adapter.attribute_map")
def map_of_that_organization(project: Project) -> None:
    adapter: Any = project.adapter()
    assert adapter.attribute_map() == project.settings.SCIM_PROVIDER.get("ATTRIBUTE_MAP", {})
    adapter.context = SimpleNamespace(organization_id="acme")
    assert adapter.attribute_map() == {"title": "position"}


@use("how-to/map-groups-to-roles", "Adapter.roles")
def roles_are_granted_and_revoked(project: Project) -> None:
    project.configure(ADAPTER="accounts.scim.Adapter")
    adapter, ann = project.adapter(), make_user("ann")
    assert adapter.grant_role(ann, adapter.roles()[0]) is True
    assert adapter.grant_role(ann, "editor") is False
    adapter.revoke_role(ann, "editor")
    assert not project.names["Assignment"].objects.exists()
    live(project.client)


@use("how-to/give-roles-by-attributes", NOTHING)
def contractors_are_in_the_group(project: Project) -> None:
    made = project.client.request("POST", "/Users", person("ann"))
    assert made.status == 201, made
    assert list(project.user("ann").groups.all()) == [Group.objects.get(name="Contractors")]


@use("how-to/use-your-own-user-model", "Adapter")
@use("how-to/use-your-own-user-model", "SCIM_PROVIDER")
def title_is_written(project: Project) -> None:
    project.configure(ADAPTER="accounts.scim.Adapter")
    own = project.names["OWN"].id
    sent = person("eve", **{own: {"first_name": "1980-01-01"}})
    made = project.client.request("POST", "/Users", {**sent, "schemas": [CORE, own]})
    assert made.status == 201, made
    fields = project.adapter().user_fields(sent)
    found = fields["first_name"] if "PERSON" in project.names else fields["last_name"]
    assert found == ("1980-01-01" if "PERSON" in project.names else "Nurse")
    project.client.delete(f"/Users/{made.id}")


@use("how-to/use-your-own-user-model", "Adapter.attribute_of")
def field_is_named_by_its_attribute(project: Project) -> None:
    adapter = project.adapter()
    if "PERSON" in project.names:
        assert adapter.attribute_of("first_name", {}) == f"{project.names['PERSON']}:first_name"
    else:
        assert adapter.attribute_of("last_name", {}) == "title"
    assert adapter.attribute_of("email", person("eve"))


@use("how-to/use-your-own-user-model", "Adapter.normalized")
def addresses_are_in_lower_case(project: Project) -> None:
    assert project.adapter().normalized("email", "Ann@Corp.Example") == "ann@corp.example"
    assert project.adapter().normalized("email", "") == ""


@use("how-to/connect-organizations", "Backend")
def new_members_have_what_they_need(project: Project) -> None:
    make_organization("7")
    backend = project.names["Backend"](using="default")
    assert backend.new_member_values("7", None) == {"joined_on": date.today()}


@use("how-to/end-sessions-on-deactivation", "close_api_keys")
def keys_end_with_the_log_in(project: Project) -> None:
    project.configure(**project.names["SCIM_PROVIDER"])
    made = project.client.request("POST", "/Users", person("ann"))
    project.names["keys"].reset_mock()
    set_active(project.client, made.json, False)
    project.names["keys"].using("default").delete.assert_called()
