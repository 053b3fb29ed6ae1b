"""What the projects of readers have already, page by page: names that no block defines."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import include, path

from django_scim_provider.core.schemas.definitions import Attribute, Schema
from django_scim_provider.models import LinkedAccount
from django_scim_provider.webhooks import endpoint_service
from tests.documentation.blocks import ROOT
from tests.documentation.python_blocks.project import Project
from tests.factories import make_connection
from tests.inventory.models import Assignment
from tests.people import make_user, post
from tests.tenancy.models import Organization

GIVEN: dict[str, Callable[[Project], None]] = {}
"""What makes the project of a page, by the page's name below ``docs``."""
Given = Callable[[Project], dict[str, Any]]


def given(page: str) -> Callable[[Given], Given]:
    """Let a function say what the project of a page has."""

    def note(function: Given) -> Given:
        GIVEN[page] = lambda project: project.names.update(function(project))
        return function

    return note


def of_every_project() -> dict[str, Any]:
    """Return what stands in the files that ``startproject`` makes."""
    return {
        "__name__": "shop",
        "BASE_DIR": ROOT,
        "DATABASES": {"default": {}},
        "INSTALLED_APPS": list(settings.INSTALLED_APPS),
        "include": include,
        "path": path,
        "urlpatterns": [],
    }


class Rows:
    """A model of the project, of which there are these rows."""

    def __init__(self, *rows: Any) -> None:
        self.objects = self
        self.rows = rows

    def all(self) -> tuple[Any, ...]:
        """Return them."""
        return self.rows

    def filter(self, **asked: Any) -> Rows:
        """Return those that were asked for: all."""
        return self

    def first(self) -> Any:
        """Return one."""
        return self.rows[0]

    def get(self, **asked: Any) -> Any:
        """Return one."""
        return self.rows[0]

    def __iter__(self) -> Any:
        return iter(self.rows)


@given("how-to/audit-changes")
def account_of_somebody(project: Project) -> dict[str, Any]:
    id = post(project.client, "ann", title="Nurse").json["id"]
    return {"account": LinkedAccount.objects.get(scim_id=id)}


@given("how-to/connect-organizations")
def models_of_tenants(project: Project) -> dict[str, Any]:
    project.instead = {
        "shop.Membership": "tenancy.Membership",
        "shop.TeamMember": "tenancy.TeamMember",
        "company": "organization",
        "team__company": "team__organization",
    }
    return {}


@given("how-to/declare-a-profile")
def variables_of_the_environment(project: Project) -> dict[str, Any]:
    return {"env": lambda name: f"{name} of the environment"}


@given("how-to/declare-a-resource-type")
def app_of_devices(project: Project) -> dict[str, Any]:
    # The app that the models of the page are of.
    project.fixture("isolated_models")
    return {"__name__": "tests.inventory.models", "is_stocktaking": lambda: True}


@given("how-to/declare-an-extension")
def column_of_badges(project: Project) -> dict[str, Any]:
    project.instead = {"badge_number": "last_name"}
    return {}


@given("how-to/end-sessions-on-deactivation")
def api_keys(project: Project) -> dict[str, Any]:
    keys = Mock()
    project.monkeypatch.setattr(get_user_model(), "api_keys", keys, raising=False)
    return {"keys": keys}


@given("how-to/extend")
def seams(project: Project) -> dict[str, Any]:
    tenants = Mock()
    project.add("django_tenants.utils", tenant_context=tenants.tenant_context)
    project.add("django_scopes", scope=tenants.scope)
    for function in (tenants.tenant_context, tenants.scope):
        function.return_value = Mock(__enter__=Mock(), __exit__=Mock(return_value=False))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return {
        "tenants": tenants,
        "Company": Rows(SimpleNamespace(slug="acme")),
        "Tenant": Rows(SimpleNamespace(schema_name="acme")),
        "PRIVATE_KEY": key,
        "PUBLIC_KEY": key.public_key(),
        "INTROSPECTION": "https://id.example/introspect",
        "AUTH": ("scim", "secret"),
        "bill": Mock(),
        "seats_of": lambda provider_id: 1,
    }


@given("how-to/find-and-repair-drift")
def profile_with_a_phone(project: Project) -> dict[str, Any]:
    profile = SimpleNamespace(phone="", save=Mock())
    project.monkeypatch.setattr(get_user_model(), "profile", profile, raising=False)
    numbers = "phoneNumbers"
    return {
        "profile": profile,
        "phone": lambda resource: resource.get(numbers, [{}])[0].get("value"),
    }


@given("how-to/get-notices")
def pager(project: Project) -> dict[str, Any]:
    return {"pager": Mock()}


@given("how-to/give-roles-by-attributes")
def group_of_contractors(project: Project) -> dict[str, Any]:
    return {
        "connection": project.connection,
        "contractors": Group.objects.create(name="Contractors"),
    }


@given("how-to/import-people-from-csv")
def employees_and_teams(project: Project) -> dict[str, Any]:
    make_connection(provider_id="corp-okta")
    ann = make_user("ann@corp.example")
    employee = SimpleNamespace(
        user=ann,
        scim_key="2819c223",
        okta_id="00u1ab",
        job=SimpleNamespace(name="Engineer"),
        phone=SimpleNamespace(e164="+12025550100"),
    )
    people = Mock()
    people.values_list.return_value = [ann.pk]
    team = SimpleNamespace(key="e9e30dba", name="Engineers", people=people)
    return {"Employee": Rows(employee), "Team": Rows(team)}


@given("how-to/link-existing-users")
def what_is_known_of_people(project: Project) -> dict[str, Any]:
    project.monkeypatch.setattr(get_user_model(), "email_verified_at", None, raising=False)
    return {"LOGIN_PROVIDERS": {"acme": "okta-acme"}}


@given("how-to/log-in")
def customers(project: Project) -> dict[str, Any]:
    customer = SimpleNamespace(log_in_provider="okta-acme", scim_provider_id="acme")
    return {"Customer": Rows(customer)}


@given("how-to/log-in-by-package")
def package_for_ldap(project: Project) -> dict[str, Any]:
    project.add("django_auth_ldap.backend", LDAPBackend=type("LDAPBackend", (), {}))
    return {}


@given("how-to/manage-connections-by-people")
def days(project: Project) -> dict[str, Any]:
    return {"closed_today": lambda: True}


@given("how-to/map-groups-to-roles")
def model_of_roles(project: Project) -> dict[str, Any]:
    return {"Assignment": Assignment}


@given("how-to/move-from-django-scim2")
def old_package(project: Project) -> dict[str, Any]:
    project.add("django_scim.urls", urlpatterns=[], app_name="scim")
    project.instead = {"company__slug": "groups__name"}
    return {"User": get_user_model()}


@given("how-to/observe")
def client_of_statsd(project: Project) -> dict[str, Any]:
    return {"statsd": Mock()}


@given("how-to/receive-webhooks")
def host_of_webhooks(project: Project) -> dict[str, Any]:
    project.monkeypatch.setattr(endpoint_service, "resolved", lambda target: ["93.184.215.14"])
    return {"connection": project.connection}


@given("how-to/show-the-timeline-of-a-user")
def admin_without_users(project: Project) -> dict[str, Any]:
    # Of the site, which is a lazy object, monkeypatch would delete an attribute in the end.
    project.monkeypatch.delitem(admin.site._registry, get_user_model())
    return {"User": get_user_model()}


@given("how-to/use-your-own-user-model")
def columns_of_people(project: Project) -> dict[str, Any]:
    project.instead = {"job_title": "last_name", "birth": "first_name"}
    own = Schema(
        id="urn:example:params:scim:schemas:extension:person:2.0:User",
        name="Person",
        attributes=(Attribute(name="first_name"),),
    )
    project.configure(EXTENSIONS={"User": ["accounts.scim.OWN"]})
    return {"OWN": own}


@given("django_scim_provider/adapter/__init__.py")
def company(project: Project) -> dict[str, Any]:
    return {"Company": Rows(Organization(pk="acme"))}
