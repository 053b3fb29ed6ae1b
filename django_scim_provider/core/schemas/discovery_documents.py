"""The schemas of the discovery documents themselves (RFC 7643 section 8.7.2)."""

from __future__ import annotations

from typing import Any

from django_scim_provider.core.schemas.building import complex_, text, uri
from django_scim_provider.core.schemas.definitions import Attribute, Schema

_READ_ONLY: dict[str, Any] = {"mutability": "readOnly"}
_REQUIRED: dict[str, Any] = {"mutability": "readOnly", "required": True}


def _flag(name: str, description: str) -> Attribute:
    return Attribute(name=name, type="boolean", description=description, **_REQUIRED)


def _number(name: str, description: str, **more: Any) -> Attribute:
    return Attribute(name=name, type="integer", description=description, **{**_REQUIRED, **more})


def _option(name: str, description: str, *more: Attribute) -> Attribute:
    supported = _flag("supported", "Whether the server does this.")
    return complex_(name, description, supported, *more, **_REQUIRED)


SERVICE_PROVIDER_CONFIG_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
    name="Service Provider Configuration",
    description="What the server offers",
    attributes=(
        uri("documentationUri", "Where people read about the server.", **_READ_ONLY),
        _option("patch", "Changes by PATCH."),
        _option(
            "bulk",
            "Several operations in one request.",
            _number("maxOperations", "The most operations of one request."),
            _number("maxPayloadSize", "The most bytes of one request."),
        ),
        _option(
            "filter",
            "Queries with a filter.",
            _number("maxResults", "The most resources of one answer."),
        ),
        _option("changePassword", "Changes of passwords."),
        _option("sort", "Sorted answers."),
        _option("etag", "Versions of resources."),
        # RFC 9865 section 4, which adds to section 5 of RFC 7643.
        complex_(
            "pagination",
            "The ways of paging.",
            _flag("cursor", "Whether there are cursors."),
            _flag("index", "Whether there are indexes."),
            text("defaultPaginationMethod", "The way without being asked.", **_READ_ONLY),
            _number("defaultPageSize", "The resources of a page, unasked.", required=False),
            _number("maxPageSize", "The most resources of a page.", required=False),
            _number("cursorTimeout", "The seconds that a cursor lives.", required=False),
            **_READ_ONLY,
        ),
        complex_(
            "authenticationSchemes",
            "How a client proves who it is.",
            text("type", "The kind of the scheme.", **_REQUIRED),
            text("name", "What people call the scheme.", **_REQUIRED),
            text("description", "A description of the scheme.", **_REQUIRED),
            uri("specUri", "The specification of the scheme.", **_READ_ONLY),
            uri("documentationUri", "Where people read about the scheme.", **_READ_ONLY),
            Attribute(
                name="primary",
                type="boolean",
                description="Whether this is the preferred one.",
                **_READ_ONLY,
            ),
            multi_valued=True,
            **_REQUIRED,
        ),
    ),
)

RESOURCE_TYPE_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:ResourceType",
    name="ResourceType",
    description="A kind of resource",
    attributes=(
        text("id", "The id of the resource type.", **_READ_ONLY),
        text("name", "The name of the resource type.", **_REQUIRED),
        text("description", "A description of the resource type.", **_READ_ONLY),
        uri("endpoint", "The address, relative to the base URL.", "uri", **_REQUIRED),
        uri("schema", "The URN of the core schema.", "uri", **_REQUIRED),
        complex_(
            "schemaExtensions",
            "The extensions of the resource type.",
            uri("schema", "The URN of the extension.", "uri", **_REQUIRED),
            _flag("required", "Whether each resource has it."),
            multi_valued=True,
            **_READ_ONLY,
        ),
    ),
)


def _definitions(name: str, description: str, *more: Attribute, **options: Any) -> Attribute:
    return complex_(
        name,
        description,
        text("name", "The name of the attribute.", case_exact=True, **_REQUIRED),
        text(
            "type",
            "The type of its values.",
            canonical_values=(
                "string",
                "complex",
                "boolean",
                "decimal",
                "integer",
                "dateTime",
                "reference",
                "binary",
            ),
            **_REQUIRED,
        ),
        _flag("multiValued", "Whether it is a list."),
        text("description", "A description of the attribute.", **_READ_ONLY),
        Attribute(name="required", type="boolean", description="Must it be there?", **_READ_ONLY),
        text(
            "canonicalValues",
            "Values that are suggested.",
            multi_valued=True,
            case_exact=True,
            **_READ_ONLY,
        ),
        Attribute(name="caseExact", type="boolean", description="Does case matter?", **_READ_ONLY),
        text(
            "mutability",
            "Who may write it, and when.",
            canonical_values=("readOnly", "readWrite", "immutable", "writeOnly"),
            case_exact=True,
            **_READ_ONLY,
        ),
        text(
            "returned",
            "When it is shown.",
            canonical_values=("always", "never", "default", "request"),
            case_exact=True,
            **_READ_ONLY,
        ),
        text(
            "uniqueness",
            "Among what its value is the only one.",
            canonical_values=("none", "server", "global"),
            case_exact=True,
            **_READ_ONLY,
        ),
        text(
            "referenceTypes",
            "What it may refer to.",
            multi_valued=True,
            case_exact=True,
            **_READ_ONLY,
        ),
        *more,
        multi_valued=True,
        mutability="readOnly",
        **options,
    )


SCHEMA_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:Schema",
    name="Schema",
    description="What the attributes of a resource mean",
    attributes=(
        text("id", "The URN of the schema.", case_exact=True, **_REQUIRED),
        text("name", "The name of the schema.", **_REQUIRED),
        text("description", "A description of the schema.", **_READ_ONLY),
        _definitions(
            "attributes",
            "The attributes of the schema.",
            _definitions("subAttributes", "The attributes of a complex attribute."),
            required=True,
        ),
    ),
)

SERVICE_SCHEMAS = (SERVICE_PROVIDER_CONFIG_SCHEMA, RESOURCE_TYPE_SCHEMA, SCHEMA_SCHEMA)
"""What ``/Schemas`` shows beside the schemas of resources."""
