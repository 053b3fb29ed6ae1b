"""The fifteen operations as Python functions, for the project's own code, commands and tests.

Those on connections act for a person and check what the person may. Those on users act as a
connection, with all its rights; they take and return SCIM resources as dicts, and raise the errors
of ``core.errors``, which carry ``status``, ``scim_type`` and ``detail``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.urls import NoReverseMatch
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.base_url import root_path
from django_scim_provider.connections.management import Management
from django_scim_provider.core.engine import Answer, RequestOptions, ResourceEngine
from django_scim_provider.core.errors import NotFound
from django_scim_provider.core.messages import SearchRequest
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import ProviderConnection, SCIMToken
from django_scim_provider.models.connection_profiles import profile_in_force, stored_profile
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.request_context import entered
from django_scim_provider.storage.store_context import context_of

__all__ = [
    "GeneratedToken",
    "create_scim_user",
    "delete_scim_provider_connection",
    "delete_scim_user",
    "generate_scim_token",
    "get_scim_provider_connection",
    "get_scim_resource_type",
    "get_scim_resource_types",
    "get_scim_schema",
    "get_scim_schemas",
    "get_scim_service_provider_config",
    "get_scim_user",
    "list_scim_provider_connections",
    "list_scim_users",
    "patch_scim_user",
    "update_scim_user",
]

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True, slots=True)
class GeneratedToken:
    """A new token."""

    scim_token: str = field(repr=False)
    """What the identity provider sends; it cannot be had again."""
    token: SCIMToken


# Connections, for a person


@sensitive_variables("wire")
def generate_scim_token(
    user: AbstractBaseUser,
    provider_id: str,
    organization_id: str | None = None,
    *,
    label: str = "",
    scopes: Iterable[str] | None = None,
    expires_in: timedelta | None = None,
    overlap: timedelta | None = None,
    name: str | None = None,
    profile: str | None = None,
    profile_switches: Mapping[str, bool] | None = None,
) -> GeneratedToken:
    """Generate a token of a connection, which is made where it is missing.

    ``name``, ``profile`` and ``profile_switches`` are those of a new connection; one that exists
    must have the same. Its earlier tokens end at once, or after ``overlap``.

    Raises:
        ValidationError: an argument is not valid, the id is reserved, or the project has no
            organizations.
        PermissionDenied: the person may not.
    """
    token, wire = Management(user).generate(
        provider_id,
        organization_id,
        label=label,
        scopes=scopes,
        expires_in=expires_in,
        overlap=overlap,
        name=name,
        profile=profile,
        profile_switches=profile_switches,
    )
    return GeneratedToken(wire, token)


def list_scim_provider_connections(user: AbstractBaseUser) -> QuerySet[ProviderConnection]:
    """Return the connections that a person may manage."""
    return Management(user).connections()


def get_scim_provider_connection(user: AbstractBaseUser, provider_id: str) -> ProviderConnection:
    """Return a connection that a person may manage.

    Raises:
        ProviderConnection.DoesNotExist: there is none that the person knows of.
        PermissionDenied: the person lacks the role in its organization.
    """
    return Management(user).find(provider_id)


def delete_scim_provider_connection(user: AbstractBaseUser, provider_id: str) -> None:
    """End all tokens of a connection; its accounts are kept, and its id stays taken.

    Raises:
        ProviderConnection.DoesNotExist, PermissionDenied: as for ``get_scim_provider_connection``.
    """
    Management(user).delete(provider_id)


# Users, as a connection


def create_scim_user(provider_id: str, resource: Resource) -> Resource:
    """Create a user and return it (RFC 7644 section 3.3)."""
    with _users(provider_id) as users:
        return _resource(users.create(resource, RequestOptions()))


def list_scim_users(
    provider_id: str,
    *,
    filter: str | None = None,
    start_index: int | None = None,
    count: int | None = None,
    sort_by: str | None = None,
    sort_order: str | None = None,
    attributes: Sequence[str] | None = None,
    excluded_attributes: Sequence[str] | None = None,
) -> Resource:
    """Return a ListResponse of users (RFC 7644 section 3.4.2)."""
    request = SearchRequest(
        filter=filter,
        start_index=start_index,
        count=count,
        sort_by=sort_by,
        sort_order=sort_order,
        attributes=None if attributes is None else list(attributes),
        excluded_attributes=None if excluded_attributes is None else list(excluded_attributes),
    )
    with _users(provider_id) as users:
        return _resource(users.list(request))


def get_scim_user(provider_id: str, id: str) -> Resource:
    """Return a user (RFC 7644 section 3.4.1)."""
    with _users(provider_id) as users:
        return _resource(users.get(id, RequestOptions()))


def update_scim_user(provider_id: str, id: str, resource: Resource) -> Resource:
    """Replace a user and return it (RFC 7644 section 3.5.1)."""
    with _users(provider_id) as users:
        return _resource(users.replace(id, resource, RequestOptions()))


def patch_scim_user(provider_id: str, id: str, operations: Sequence[dict[str, Any]]) -> Resource:
    """Apply PATCH operations to a user and return it (RFC 7644 section 3.5.2)."""
    body = {"schemas": [PATCH_OP], "Operations": list(operations)}
    with _users(provider_id) as users:
        return _resource(users.patch(id, body, RequestOptions()))


def delete_scim_user(provider_id: str, id: str) -> None:
    """Unlink a user, and delete or deactivate whom nothing else holds (RFC 7644 section 3.6)."""
    with _users(provider_id) as users:
        users.delete(id, RequestOptions())


# Metadata


def get_scim_service_provider_config() -> Resource:
    """Return what the server offers (RFC 7643 section 5)."""
    return get_registry().service_provider_config(base_url())


def get_scim_schemas() -> list[Resource]:
    """Return the schemas in use (RFC 7643 section 7)."""
    return get_registry().schema_resources(base_url())


def get_scim_schema(urn: str) -> Resource:
    """Return the schema with a URN."""
    return get_registry().schema_resource(urn, base_url())


def get_scim_resource_types() -> list[Resource]:
    """Return the resource types (RFC 7643 section 6)."""
    return get_registry().resource_type_resources(base_url())


def get_scim_resource_type(name: str) -> Resource:
    """Return the resource type of that name."""
    return get_registry().resource_type_resource(name, base_url())


def base_url() -> str:
    """Return ``BASE_URL``, or the path of the SCIM root; empty where it is in no urlconf."""
    configured = get_settings().BASE_URL
    if configured is not None:
        return configured.rstrip("/")
    try:
        return root_path().rstrip("/")
    except NoReverseMatch:
        return ""


@contextmanager
def _users(provider_id: str) -> Iterator[ResourceEngine]:
    """Yield what answers for the users of a connection, inside ``REQUEST_CONTEXT``."""
    using = get_settings().DATABASE
    rows = ProviderConnection.objects.using(using).usable()
    connection = rows.filter(provider_id=provider_id).first()
    if connection is None:
        raise NotFound("There is no such connection.")
    registry = get_registry()
    users = registry.by_endpoint("Users")
    if users is None:
        raise NotFound("There is no such endpoint.")
    profile = profile_in_force(*stored_profile(connection))
    context = context_of(connection, base_url=base_url(), profile=profile)
    with entered(context):
        yield registry.engine_for(users, context)


def _resource(answer: Answer) -> Resource:
    body = answer.body or b"{}"
    found: Resource = orjson.loads(body if isinstance(body, bytes) else b"".join(body))
    return found
