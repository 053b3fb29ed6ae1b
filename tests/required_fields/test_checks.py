"""What a project's models need and nobody gives is said at start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.checks import CheckMessage
from django.db import models
from django.db.models.functions import Now
from django.test.utils import isolate_apps
from organizations.models import Organization, OrganizationUser

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.checks import check_settings
from django_scim_provider.models.required_fields import fields_without_value
from django_scim_provider.organizations import DjangoOrganizationsBackend, MembershipModelBackend
from tests.people import connect, host_user, make_organization, post
from tests.tenancy.models import Membership

HERE = "tests.required_fields.test_checks"


class SlugField(models.SlugField):  # type: ignore[type-arg]  # generic for type checkers only
    """Makes its value of the row."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return f"row-{id(model_instance)}"


def told(number: str) -> list[CheckMessage]:
    return [message for message in check_settings() if message.id == f"scim_provider.{number}"]


@pytest.fixture
def person() -> Any:
    """Return a user model of a project; its tables are not there, which checks do not need."""
    with isolate_apps("tests.inventory"):

        class Person(AbstractBaseUser):
            email = models.EmailField(unique=True)
            birth = models.DateField()
            height = models.FloatField()
            company = models.ForeignKey("tenancy.Organization", models.CASCADE)
            username = models.CharField(max_length=20, unique=True)
            badge = models.CharField(max_length=20)
            given = models.CharField(max_length=20)
            slug = SlugField(unique=True)
            is_active = models.BooleanField(default=True)
            points = models.IntegerField(default=0)
            wage = models.IntegerField(db_default=0)
            since = models.DateTimeField(db_default=Now())
            seen = models.DateTimeField(null=True)
            joined = models.DateTimeField(auto_now_add=True)
            changed = models.DateTimeField(auto_now=True)
            photo = models.FileField()
            bio = models.TextField(unique=True, null=True)  # noqa: DJ001 - many have none
            double = models.GeneratedField(
                expression=models.F("points") * 2,
                output_field=models.IntegerField(),
                db_persist=True,
            )

            USERNAME_FIELD = "email"
            REQUIRED_FIELDS: ClassVar = ["birth", "given"]

            class Meta:
                app_label = "inventory"
                constraints: ClassVar = [
                    models.UniqueConstraint(fields=["badge"], name="badge"),
                    models.UniqueConstraint(fields=["given", "badge"], name="both"),
                ]

        class Employee(Person):
            number = models.IntegerField()

            class Meta:
                app_label = "inventory"

        yield Employee


def test_fields_that_nothing_fills_are_found(person: Any) -> None:
    names = fields_without_value(person, {"email"})

    assert names == ["birth", "height", "company", "username", "badge", "number"]
    assert fields_without_value(person, {*names, "email", "company_id"}) == []
    assert "company" not in fields_without_value(person, {"company_id"})


def test_user_model_of_django_needs_nothing() -> None:
    assert told("W020") == []
    assert fields_without_value(get_user_model(), {"username"}) == []


@pytest.fixture
def their_model(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the project have a user model with required fields."""
    for module in ("checks.required_fields", "user_model"):
        monkeypatch.setattr(f"django_scim_provider.{module}.get_user_model", lambda: person)


@pytest.mark.usefixtures("their_model")
def test_check_names_the_fields_and_shows_the_method() -> None:
    (message,) = told("W020")

    assert message.msg.startswith(
        "inventory.Employee needs values for birth, height, company, username, badge, number,"
    )
    assert "class Adapter(DefaultAdapter):" in str(message.hint)
    assert "return {**super().user_fields(resource), 'birth': ...}" in str(message.hint)
    assert """SCIM_PROVIDER = {'ADAPTER': "path.to.Adapter"}""" in str(message.hint)


class Writing(DefaultAdapter):
    """Gives fields values."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        return super().user_fields(resource)


class Making(DefaultAdapter):
    """Makes users in its own way."""

    def create_user(self, resource: Any, fields: dict[str, Any]) -> AbstractBaseUser:
        return super().create_user(resource, fields)


class Different(DefaultAdapter):
    """Overrides what has nothing to do with it."""

    def me(self) -> str | None:
        return None


@pytest.mark.usefixtures("their_model")
@pytest.mark.parametrize(
    ("changed", "count"),
    [
        ({"ADAPTER": f"{HERE}.Writing"}, 0),
        ({"ADAPTER": f"{HERE}.Making"}, 0),
        ({"ADAPTER": f"{HERE}.Different"}, 1),
        ({"USER_STORE": "tests.inventory.scim.PrinterStore"}, 0),
        ({"USER_STORE": "tests.nowhere"}, 0),
    ],
)
def test_check_does_not_cry_wolf(
    scim_settings: Callable[..., None], changed: dict[str, str], count: int
) -> None:
    scim_settings(**changed)

    assert len(told("W020")) == count


class OwnBackend(MembershipModelBackend):
    """Gives memberships what they need."""

    def new_member_values(self, organization_id: str, user: AbstractBaseUser) -> dict[str, Any]:
        return {"role": "lost", "is_active": False}


class OwnOrganizations(DjangoOrganizationsBackend):
    """Makes whoever comes an admin."""

    def new_member_values(self, organization_id: str, user: AbstractBaseUser) -> dict[str, Any]:
        return {"is_admin": True}


@pytest.fixture
def weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a field of memberships have no default, as far as the checks see."""
    field = Membership._meta.get_field("is_active")
    monkeypatch.setattr(field, "default", models.NOT_PROVIDED)


@pytest.mark.usefixtures("weight")
@pytest.mark.parametrize(
    ("active", "backend", "count"),
    [
        (None, "django_scim_provider.organizations.MembershipModelBackend", 1),
        ("is_active", "django_scim_provider.organizations.MembershipModelBackend", 0),
        (None, f"{HERE}.OwnBackend", 0),
    ],
)
def test_check_looks_at_memberships(
    scim_settings: Callable[..., None], active: str | None, backend: str, count: int
) -> None:
    scim_settings(
        ORGANIZATION_BACKEND=backend, MEMBERSHIP={"model": "tenancy.Membership", "active": active}
    )
    found = told("W021")

    assert len(found) == count
    for message in found:
        assert message.msg.startswith("tenancy.Membership needs values for is_active, and nobody")
        assert "class Backend(MembershipModelBackend):" in str(message.hint)
        assert "def new_member_values(self, organization_id, user):" in str(message.hint)


def test_check_looks_at_django_organizations(
    scim_settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = "django_scim_provider.organizations.DjangoOrganizationsBackend"
    scim_settings(ORGANIZATION_BACKEND=backend)
    before = told("W021")
    monkeypatch.setattr(
        OrganizationUser._meta.get_field("is_admin"), "default", models.NOT_PROVIDED
    )
    (message,) = told("W021")

    assert before == []
    assert message.msg.startswith("organizations.OrganizationUser needs values for is_admin,")


@pytest.mark.django_db
def test_new_members_have_what_the_backend_gives(scim_settings: Callable[..., None]) -> None:
    scim_settings(ORGANIZATION_BACKEND=f"{HERE}.OwnBackend")
    user = post(connect("acme", "customer"), "ann@x.example").json
    membership = Membership.objects.get(user=host_user(user))

    assert (membership.role, membership.is_active) == ("member", True)


@pytest.mark.django_db
def test_new_organization_users_have_what_the_backend_gives(
    scim_settings: Callable[..., None],
) -> None:
    scim_settings(ORGANIZATION_BACKEND=f"{HERE}.OwnOrganizations")
    organization = Organization.objects.create(name="c", slug="c")
    make_organization(str(organization.pk))
    post(connect("acme", str(organization.pk)), "ann@x.example")

    assert OrganizationUser.objects.get().is_admin
