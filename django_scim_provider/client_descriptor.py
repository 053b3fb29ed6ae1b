"""The client's side, described: for code that wants to know how this project's SCIM is reached."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from django_scim_provider import __version__
from django_scim_provider.api import base_url

_MANAGEMENT = {
    "generate_scim_token": ("POST", "generate-token"),
    "list_scim_provider_connections": ("GET", "list-provider-connections"),
    "get_scim_provider_connection": ("GET", "get-provider-connection"),
    "delete_scim_provider_connection": ("POST", "delete-provider-connection"),
    "rotate_scim_token": ("POST", "rotate-token"),
    "revoke_scim_token": ("POST", "revoke-token"),
    "list_scim_tokens": ("GET", "list-tokens"),
    "list_scim_events": ("GET", "list-events"),
    "list_scim_profiles": ("GET", "list-profiles"),
}
_PROTOCOL = {
    "create_scim_user": ("POST", "/Users"),
    "list_scim_users": ("GET", "/Users"),
    "get_scim_user": ("GET", "/Users/{id}"),
    "update_scim_user": ("PUT", "/Users/{id}"),
    "patch_scim_user": ("PATCH", "/Users/{id}"),
    "delete_scim_user": ("DELETE", "/Users/{id}"),
    "get_scim_service_provider_config": ("GET", "/ServiceProviderConfig"),
    "get_scim_schemas": ("GET", "/Schemas"),
    "get_scim_schema": ("GET", "/Schemas/{urn}"),
    "get_scim_resource_types": ("GET", "/ResourceTypes"),
    "get_scim_resource_type": ("GET", "/ResourceTypes/{name}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDescriptor:
    """What a client has to know."""

    id: str
    """Always ``scim-client``."""
    version: str
    """Of this package."""
    base_path: str
    """The SCIM root, ``BASE_URL`` where that is set; empty where it is in no urlconf."""
    management_path: str
    """The root of the management API; empty where it is in no urlconf."""
    routes: dict[str, tuple[str, str]]
    """Method and address by the name of the operation; only of what is in the urlconf."""


def describe() -> ClientDescriptor:
    """Return the descriptor of the project as its urlconf is now."""
    root = base_url()
    routes = {name: (method, root + path) for name, (method, path) in _PROTOCOL.items() if root}
    management = ""
    try:
        for name, (method, route) in _MANAGEMENT.items():
            address = reverse(f"scim-management:{route}")
            management = address.removesuffix(route).rstrip("/")
            routes[name] = (method, address)
    except NoReverseMatch:
        management = ""
    return ClientDescriptor(
        id="scim-client",
        version=__version__,
        base_path=root,
        management_path=management,
        routes=routes,
    )
