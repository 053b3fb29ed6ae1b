"""What the project puts in the seams of the app, and what it does when it hears of a change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

import jwt
from django.dispatch import receiver

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.core.errors import Forbidden
from django_scim_provider.core.stores import Stored
from django_scim_provider.resources import (
    Attribute,
    GroupStore,
    ModelStore,
    Registration,
    ResourceType,
    Schema,
    UserStore,
)
from django_scim_provider.signals import group_changed, user_provisioned, user_updated
from django_scim_provider.tokens.claims import TokenClaims
from django_scim_provider.tokens.verification import verify_stored_token
from tests.projects.customers.models import Badge, Company

KEY = "the key that the project shares with its gateway"
BADGE = "urn:example:params:scim:schemas:core:2.0:Badge"
OUTBOX: list[tuple[str, str, set[str]]] = []
"""What the customers are told: the name of the connection, whom it is about, what changed."""
company: ContextVar[Company | None] = ContextVar("company", default=None)


def verifier(text: str) -> TokenClaims | None:
    """Take the tokens of the app, and those that the gateway has signed."""
    try:
        claims = jwt.decode(text, KEY, algorithms=["HS256"], options={"require": ["exp"]})
    except jwt.InvalidTokenError:
        return verify_stored_token(text)
    return TokenClaims(provider_id=claims["sub"], scopes=claims["scope"].split())


@contextmanager
def request_context(context: ProvisioningContext) -> Iterator[None]:
    """Choose the company of the connection."""
    token = company.set(Company._default_manager.get(pk=context.provider_id))
    try:
        yield
    finally:
        company.reset(token)


class Adapter(DefaultAdapter):
    """Gives each company names of its own."""

    def user_fields(self, resource: Any) -> dict[str, Any]:
        """Put the company of the context before the name, and into the user."""
        fields = super().user_fields(resource)
        name = f"{self.context.provider_id}/{fields['username']}"
        return {**fields, "username": name, "company": company.get()}

    def find_users(self, fields: dict[str, Any], *, resource: Any = None) -> Any:
        """Look among the people of the company only."""
        return super().find_users(fields).filter(company=company.get())


class SeatedUsers(UserStore):
    """Lets a company have as many active people as it has seats."""

    def create(self, resource: Any, **more: Any) -> tuple[Stored, bool]:
        """Refuse whom there is no seat for."""
        customer = company.get()
        if customer and self.accounts.filter(active=True).count() >= customer.seats:
            raise Forbidden("All seats are taken.")
        return super().create(resource, **more)


class PlainGroups(GroupStore):
    """Has no groups of groups."""

    def create(self, resource: Any, **more: Any) -> tuple[Stored, bool]:
        """Refuse groups among the members."""
        if any(member.get("type") == "Group" for member in resource.get("members", ())):
            raise Forbidden("A group holds people only.")
        return super().create(resource, **more)


class BadgeStore(ModelStore):
    """Badges, found by the column of their number."""

    model = Badge
    fields: ClassVar = {"number": "number"}
    columns: ClassVar = {"number": "number"}


BADGES = Registration(
    resource_type=ResourceType(
        name="Badge",
        endpoint="/Badges",
        schema=Schema(
            id=BADGE,
            name="Badge",
            attributes=(Attribute(name="number", required=True, case_exact=True),),
        ),
    ),
    store=BadgeStore,
)


@receiver([user_provisioned, user_updated])
def tell_of_user(account: Any, connection: Any, changed: Any = (), **_: Any) -> None:
    """Tell the customer of a user."""
    OUTBOX.append((connection.name, account.user.username, set(changed)))


@receiver(group_changed)
def tell_of_group(group: Any, connection: Any, changed: Any, **_: Any) -> None:
    """Tell the customer of a group."""
    OUTBOX.append((connection.name, group.display_name, set(changed)))
