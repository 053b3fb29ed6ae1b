"""The discovery documents, derived from what is registered (RFC 7643 sections 5 to 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django_scim_provider.core.schemas.definitions import Attribute, Resource, ResourceType, Schema
from django_scim_provider.core.schemas.discovery_documents import (
    RESOURCE_TYPE_SCHEMA,
    SCHEMA_SCHEMA,
    SERVICE_PROVIDER_CONFIG_SCHEMA,
)
from django_scim_provider.core.stored_text import segment
from django_scim_provider.core.urns import LIST_URN


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the server offers, and its limits."""

    max_results: int
    default_page_size: int
    cursor_timeout: int
    """Seconds."""
    change_password: bool = False
    sort: bool = True
    bulk: bool = False
    max_operations: int = 0
    max_payload_size: int = 0
    """Bytes."""
    documentation_uri: str | None = None


def service_provider_config(features: Features, base_url: str) -> Resource:
    """Return the ServiceProviderConfig (RFC 7643 section 5, RFC 9865 section 4)."""
    config: Resource = {
        "schemas": [SERVICE_PROVIDER_CONFIG_SCHEMA.id],
        "patch": {"supported": True},
        "bulk": {
            "supported": features.bulk,
            "maxOperations": features.max_operations,
            "maxPayloadSize": features.max_payload_size,
        },
        "filter": {"supported": True, "maxResults": features.max_results},
        "changePassword": {"supported": features.change_password},
        "sort": {"supported": features.sort},
        "etag": {"supported": True},
        # RFC 9865 section 4. Index paging is named as the default: directories that know no cursors
        # are to go on as before.
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": features.default_page_size,
            "maxPageSize": features.max_results,
            "cursorTimeout": features.cursor_timeout,
        },
        # Section 5 requires the attribute even where there is one scheme. Its type names OAuth's
        # way of sending a bearer token, not OAuth: tokens are generated here.
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A token of a connection in the Authorization header.",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
        "meta": _meta("ServiceProviderConfig", f"{base_url}/ServiceProviderConfig"),
    }
    if features.documentation_uri:
        config["documentationUri"] = features.documentation_uri
    return config


def resource_type_resource(resource_type: ResourceType, base_url: str) -> Resource:
    """Return a resource type as a resource (RFC 7643 section 6)."""
    described: Resource = {
        "schemas": [RESOURCE_TYPE_SCHEMA.id],
        # Optional in section 6, but clients look documents up by it.
        "id": resource_type.name,
        "name": resource_type.name,
        "endpoint": resource_type.endpoint,
        "description": resource_type.description or resource_type.name,
        "schema": resource_type.schema.id,
        "meta": _meta("ResourceType", f"{base_url}/ResourceTypes/{segment(resource_type.name)}"),
    }
    if resource_type.extensions:
        described["schemaExtensions"] = [
            {"schema": extension.schema.id, "required": extension.required}
            for extension in resource_type.extensions
        ]
    return described


def schema_resource(schema: Schema, base_url: str) -> Resource:
    """Return a schema as a resource (RFC 7643 section 7)."""
    return {
        "schemas": [SCHEMA_SCHEMA.id],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description or schema.name,
        "attributes": [_attribute(attribute) for attribute in schema.attributes],
        "meta": _meta("Schema", f"{base_url}/Schemas/{segment(schema.id)}"),
    }


def list_of(resources: Iterable[Resource]) -> Resource:
    """Return discovery documents as one ListResponse; they are never paged (RFC 7644 section 4)."""
    held: Sequence[Resource] = list(resources)
    return {
        "schemas": [LIST_URN],
        # Section 4 has servers ignore paging and sorting here, so that clients expect one page.
        "totalResults": len(held),
        "itemsPerPage": len(held),
        "startIndex": 1,
        "Resources": held,
    }


def _attribute(attribute: Attribute) -> Resource:
    described: Resource = {
        "name": attribute.name,
        "type": attribute.type,
        "multiValued": attribute.multi_valued,
        "description": attribute.description or attribute.name,
        "required": attribute.required,
        "mutability": attribute.mutability,
        "returned": attribute.returned,
    }
    # What compares texts says nothing about numbers, booleans and objects, and section 8.7.1 leaves
    # it out there.
    if attribute.type in ("string", "reference", "binary"):
        described["caseExact"] = attribute.case_exact
    if attribute.type != "complex":
        described["uniqueness"] = attribute.uniqueness
    # Left out where empty, never null: Entra ID's schema discovery does not take nulls (Microsoft
    # Learn, use-scim-to-provision-users-and-groups).
    if attribute.canonical_values:
        described["canonicalValues"] = list(attribute.canonical_values)
    if attribute.reference_types:
        described["referenceTypes"] = list(attribute.reference_types)
    if attribute.sub_attributes:
        described["subAttributes"] = [_attribute(sub) for sub in attribute.sub_attributes]
    return described


def _meta(resource_type: str, location: str) -> Resource:
    return {"resourceType": resource_type, "location": location}
