"""Which resource types there are, and their stores: built again when the settings change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.utils.crypto import salted_hmac

from django_scim_provider.attribute_map.resource_schemas import (
    extensions_in_settings,
    imported,
    listed,
    user_type,
)
from django_scim_provider.conf import get_settings, until_settings_change
from django_scim_provider.core.discovery import (
    Features,
    resource_type_resource,
    schema_resource,
    service_provider_config,
)
from django_scim_provider.core.engine import ResourceEngine
from django_scim_provider.core.errors import NotFound
from django_scim_provider.core.listing.cursors import CursorKey
from django_scim_provider.core.listing.plan import Limits
from django_scim_provider.core.schemas import GROUP
from django_scim_provider.core.schemas.definitions import (
    Resource,
    ResourceType,
    Schema,
)
from django_scim_provider.core.schemas.discovery_documents import SERVICE_SCHEMAS
from django_scim_provider.core.stores import ResourceStore
from django_scim_provider.core.validation.limits import WriteLimits
from django_scim_provider.models import AbstractResource, LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.events import record_left_out
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.sql.indexed.attribute_indexes import NamedAttribute, find
from django_scim_provider.storage.sql.indexed.attribute_texts import as_written
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.store import UserStore

TAKEN_ENDPOINTS = frozenset(
    {"/serviceproviderconfig", "/schemas", "/resourcetypes", "/me", "/bulk", "/.search", "/health"}
)
"""Addresses, in lower case, that no resource type of the project's can have."""
_OWN_STORES: tuple[Any, ...] = (UserStore, GroupStore)
"""Their texts are made by ``core.stored_text``; those of any other, a subclass of theirs included,
are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A resource type, the store that holds it, and the scopes that open it."""

    resource_type: ResourceType
    store: Callable[..., ResourceStore]
    """Called with a ``StoreContext`` and the resource type. A function that makes stores carries
    their ``supports_sort`` as an attribute of its own; without it, discovery shows no sorting."""
    read_scope: str = ""
    """Without one: ``scim.<endpoint>.read``, the endpoint in lower case."""
    write_scope: str = ""

    def __post_init__(self) -> None:
        name = self.resource_type.endpoint.lstrip("/").lower()
        object.__setattr__(self, "read_scope", self.read_scope or f"scim.{name}.read")
        object.__setattr__(self, "write_scope", self.write_scope or f"scim.{name}.write")

    @property
    def supports_sort(self) -> bool:
        """Tell what the store says of sorting."""
        made_by = self.store.func if isinstance(self.store, partial) else self.store
        return bool(getattr(made_by, "supports_sort", False))


@dataclass(frozen=True, slots=True)
class Registry:
    """The registrations, in the order of discovery."""

    registrations: tuple[Registration, ...]
    _by_endpoint: dict[str, Registration] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The first of two that have one address.
        found = {each.resource_type.endpoint.lower(): each for each in self.registrations[::-1]}
        object.__setattr__(self, "_by_endpoint", found)

    def by_endpoint(self, name: str) -> Registration | None:
        """Return the registration whose endpoint is ``/name`` in any case, or None."""
        return self._by_endpoint.get(f"/{name}".lower())

    def models(self) -> dict[str, type[Model]]:
        """Return the models whose rows carry SCIM ids, by the names of their resource types."""
        found: dict[str, type[Model]] = {"User": LinkedAccount, "Group": ProvisionedGroup}
        for registration in self.registrations:
            model = getattr(registration.store, "model", None)
            if isinstance(model, type) and issubclass(model, AbstractResource):
                found[registration.resource_type.name] = model
        return found

    def by_name(self, name: str) -> Registration:
        """Return the registration of a resource type.

        Raises:
            StopIteration: there is none; ``User`` and ``Group`` always are.
        """
        return next(r for r in self.registrations if r.resource_type.name == name)

    def never_returned(self) -> set[str]:
        """Return the names of the attributes and sub-attributes that nobody is shown."""
        return {t.leaf.name for each in self.registrations for t in each.resource_type.secrets}

    def schemas(self) -> tuple[Schema, ...]:
        """Return the core and extension schemas in use, each once, then those of discovery itself.

        Section 8.7.2 of RFC 7643 has the latter, and validators ask for them in ``/Schemas``.
        """
        found: dict[str, Schema] = {}
        for registration in self.registrations:
            resource_type = registration.resource_type
            found[resource_type.schema.id] = resource_type.schema
            found.update((e.schema.id, e.schema) for e in resource_type.extensions)
        for schema in SERVICE_SCHEMAS:
            found.setdefault(schema.id, schema)
        return tuple(found.values())

    def service_provider_config(self, base_url: str) -> Resource:
        """Return what the server offers (RFC 7643 section 5)."""
        settings = get_settings()
        features = Features(
            max_results=settings.MAX_PAGE_SIZE,
            default_page_size=settings.DEFAULT_PAGE_SIZE,
            cursor_timeout=settings.CURSOR_TIMEOUT,
            change_password=settings.ALLOW_PASSWORD,
            sort=all(registration.supports_sort for registration in self.registrations),
            bulk=True,
            max_operations=settings.BULK_MAX_OPERATIONS,
            max_payload_size=settings.BULK_MAX_PAYLOAD_SIZE,
            documentation_uri=settings.DOCUMENTATION_URI,
        )
        return service_provider_config(features, base_url)

    def schema_resources(self, base_url: str) -> list[Resource]:
        """Return all schemas as resources (RFC 7643 section 7)."""
        return [schema_resource(schema, base_url) for schema in self.schemas()]

    def schema_resource(self, urn: str, base_url: str) -> Resource:
        """Return one schema as a resource.

        Raises:
            NotFound: there is none with that URN.
        """
        for schema in self.schemas():
            if schema.id.lower() == urn.lower():
                return schema_resource(schema, base_url)
        raise NotFound("There is no schema with that URN.")

    def resource_type_resources(self, base_url: str) -> list[Resource]:
        """Return all resource types as resources (RFC 7643 section 6)."""
        types = (registration.resource_type for registration in self.registrations)
        return [resource_type_resource(resource_type, base_url) for resource_type in types]

    def resource_type_resource(self, name: str, base_url: str) -> Resource:
        """Return one resource type as a resource.

        Raises:
            NotFound: there is none with that name.
        """
        for registration in self.registrations:
            if registration.resource_type.name == name:
                return resource_type_resource(registration.resource_type, base_url)
        raise NotFound("There is no resource type with that name.")

    def engine_for(self, registration: Registration, context: StoreContext) -> ResourceEngine:
        """Return the engine that answers for one connection."""
        return ResourceEngine(
            store=registration.store(context, registration.resource_type),
            profile=context.profile,
            base_url=context.base_url,
            limits=_limits(),
            cursor_key=CursorKey(
                secret=_cursor_secret(),
                tenant=context.provider_id,
                lifetime=get_settings().CURSOR_TIMEOUT,
            ),
            now=int(time.time()),
            write_limits=_write_limits(),
            trusts_texts=registration.store in _OWN_STORES,
            note_left_out=partial(record_left_out, context, registration.resource_type.name),
        )


@until_settings_change
def get_registry() -> Registry:
    """Return the registry that the settings describe.

    Raises:
        ImproperlyConfigured: an endpoint of the project's own has the address of another one, or
            what a setting names cannot be imported or is something else.
    """
    settings = get_settings()
    user = user_type()
    group = replace(GROUP, extensions=tuple(extensions_in_settings().get("Group", ())))
    users, groups = (
        Registration(resource_type=user, store=imported("USER_STORE", settings.USER_STORE)),
        Registration(resource_type=group, store=imported("GROUP_STORE", settings.GROUP_STORE)),
    )
    paths = listed("['RESOURCE_TYPES']", settings.RESOURCE_TYPES)
    own = tuple(_registration(path) for path in paths)
    _refuse_taken_endpoints((users, groups, *own))
    return Registry((users, groups, *own))


def indexed_attributes() -> list[NamedAttribute]:
    """Return what ``INDEXED_ATTRIBUTES`` names, each once; a check refuses the rest."""
    registry = get_registry()
    types = [registry.by_name(name).resource_type for name in ("User", "Group")]
    paths = dict.fromkeys(map(as_written, get_settings().INDEXED_ATTRIBUTES))
    return [each for path in paths for each in find(path, types)[0]]


def _refuse_taken_endpoints(registrations: Iterable[Registration]) -> None:
    taken = set(TAKEN_ENDPOINTS)
    for registration in registrations:
        endpoint = registration.resource_type.endpoint
        if endpoint.casefold() in taken:
            raise ImproperlyConfigured(
                f"RESOURCE_TYPES: the endpoint {endpoint} of {registration.resource_type.name} "
                "is the address of something else."
            )
        taken.add(endpoint.casefold())


def _registration(path: str) -> Registration:
    found = imported("RESOURCE_TYPES", path)
    if isinstance(found, Registration):
        return found
    message = f"SCIM_PROVIDER['RESOURCE_TYPES']: {path!r} is not a Registration."
    raise ImproperlyConfigured(message)


@until_settings_change
def _limits() -> Limits:
    settings = get_settings()
    return Limits(
        default_page_size=settings.DEFAULT_PAGE_SIZE, max_page_size=settings.MAX_PAGE_SIZE
    )


@until_settings_change
def _write_limits() -> WriteLimits:
    settings = get_settings()
    return WriteLimits(
        max_attribute_values=settings.MAX_ATTRIBUTE_VALUES,
        max_patch_operations=settings.MAX_PATCH_OPERATIONS,
        max_patch_steps=settings.MAX_PATCH_STEPS,
        max_resource_size=settings.MAX_RESOURCE_SIZE,
    )


@until_settings_change
def _cursor_secret() -> bytes:
    return salted_hmac("django_scim_provider.cursors", "key", algorithm="sha256").digest()
