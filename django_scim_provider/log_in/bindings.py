"""Bindings: which connection a log-in provider speaks for, and which claims name the account.

``SCIM_PROVIDER["LOG_IN"]`` holds them by the key of the log-in provider: the id that the package
which logs people in knows it by, an entity id, an issuer. They are the operator's: a customer who
could bind their connection to any log-in provider would log in the people of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProviderConnection

ANY = "*"
"""The key of the binding for log-in providers that have none of their own."""
FOUND_BY = ("connection", "connections", "find_connection")
"""The ways in which a binding finds its connection; each binding has one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What is agreed for one log-in provider; the keys of an entry of ``LOG_IN``."""

    connection: str | None = None
    """The provider id of the connection."""
    connections: Mapping[str, str] = field(default_factory=dict)
    """Of a log-in provider for several tenants: provider ids by the value of ``tenant``."""
    tenant: str = "iss"
    """The claim that says which tenant it is. It has to be one that the log-in package has verified
    and no tenant can set: the issuer, or Entra's ``tid``."""
    find_connection: str | None = None
    """Dotted path of a function of the log-in provider's key and its claims that returns the
    connection, its provider id, or None for no connection."""
    external_id: str | None = None
    """The claim that holds the ``externalId``, to be found exactly."""
    user_name: str | None = None
    """The claim that holds the ``userName``; without it, nobody is found by that."""
    privileged: bool = False
    """May staff, superusers and whomever else the adapter protects enter this way?"""
    linked: bool = False
    """May users enter whom the connection linked and did not make? They may have other ways in, and
    other organizations."""
    only_provisioned: bool | str = True
    """Is whoever has no account refused? A dotted path names a function of the connection that
    says so."""

    def requires_account(self, connection: ProviderConnection) -> bool:
        """Tell whether only people whom the connection provisioned may enter."""
        if isinstance(self.only_provisioned, bool):
            return self.only_provisioned
        asked: Callable[[ProviderConnection], bool] = import_string(self.only_provisioned)
        return bool(asked(connection))


BINDING_KEYS = tuple(each.name for each in fields(Binding))


def binding_of(provider: str) -> Binding | None:
    """Return what is agreed for a log-in provider; None where nothing is."""
    bound = get_settings().LOG_IN
    found = bound.get(provider, bound.get(ANY))
    return None if found is None else Binding(**found)


def connection_of(
    provider: str, claims: Mapping[str, Any], *, using: str
) -> ProviderConnection | None:
    """Return the connection that a log-in provider speaks for; None where there is none.

    No claim of the person decides.
    """
    binding = binding_of(provider)
    if binding is None:
        return None
    named: Any = binding.connection
    if binding.connections:
        named = binding.connections.get(text_of(claims, binding.tenant) or "")
    elif binding.find_connection is not None:
        named = import_string(binding.find_connection)(provider, claims)
    if isinstance(named, str):
        rows = ProviderConnection.objects.using(using)
        named = rows.filter(provider_id=named).first()
    return named if isinstance(named, ProviderConnection) else None


def is_bound(provider: str, claims: Mapping[str, Any], *, using: str | None = None) -> bool:
    """Tell whether a log-in provider speaks for a connection, be it for none that is there."""
    bound = get_settings().LOG_IN
    if provider in bound or ANY not in bound:
        return provider in bound
    return connection_of(provider, claims, using=using or get_settings().DATABASE) is not None


def text_of(claims: Mapping[str, Any], name: str | None) -> str | None:
    """Return the text that a claim holds; a list counts where it has one value. None: no text.

    An address that the log-in provider says is unverified is the person's own saying.
    """
    value = None if name is None else claims.get(name)
    if isinstance(value, list | tuple):
        value = value[0] if len(value) == 1 else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if name == "email" and str(claims.get("email_verified", True)).lower() == "false":
        return None
    return str(value) or None
