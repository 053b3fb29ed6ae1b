"""A client's object becomes a canonical resource, or an error that says what does not fit.

Names come in any case and leave in canonical spelling (RFC 7643 section 2.1); what is undefined,
readOnly or unassigned is left out. Checks are compiled once for each resource type and profile.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from django_scim_provider.core.errors import InvalidSyntax, InvalidValue
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import (
    COMMON_ATTRIBUTES,
    Attribute,
    Resource,
    ResourceType,
    Schema,
)
from django_scim_provider.core.validation.required import refuse_missing
from django_scim_provider.core.validation.values import (
    Cleaner,
    Fields,
    clean_object,
    fields_of,
    quoted,
    value_cleaner,
)


def clean(
    body: Any,
    resource_type: ResourceType,
    profile: Profile,
    *,
    context: Literal["create", "replace"],
) -> Resource:
    """Return the canonical resource of a POST or PUT body.

    Raises:
        InvalidSyntax: the body is not a resource of the type, or names an attribute twice.
        InvalidValue: a value does not fit its attribute, or a required one is missing.
    """
    if not isinstance(body, dict):
        raise InvalidSyntax(f"The body of a {context} must be a JSON object.")
    fields = _compiled(resource_type, profile)
    # What the schemas do not define is dropped: Microsoft's own collection sends such names and
    # expects 201 (AzureAD/SCIMReferenceCode).
    resource = {"schemas": [], **clean_object(fields, body, "")}
    resource["schemas"] = _schemas(body, resource, resource_type, profile)
    refuse_missing(resource, resource_type)
    return resource


def clean_value(attribute: Attribute, value: Any, profile: Profile, *, path: str) -> Any:
    """Return one attribute's value in a PATCH in canonical form; None means unassigned.

    Raises:
        InvalidValue: the value does not fit; ``path`` names the attribute in the message.
    """
    return value_cleaner(attribute, profile, in_patch=True)(value, path)


@cache
def _compiled(resource_type: ResourceType, profile: Profile) -> Fields:
    """Return the fields of a resource type under one profile."""
    # The only common attribute that is the client's: ``id`` and ``meta`` are readOnly, ``schemas``
    # is read below.
    own = [a for a in COMMON_ATTRIBUTES if a.name == "externalId"]
    attributes = [*own, *resource_type.schema.attributes]
    fields = fields_of(attributes, profile, in_patch=False)
    if profile.dotted_keys:
        # {"urn:...:User:title": ...}: a qualified core attribute (RFC 7644 section 3.10).
        urn = resource_type.schema.id.lower()
        fields |= {f"{urn}:{field[0].lower()}": field for field in list(fields.values())}
    for extension in resource_type.extensions:
        urn = extension.schema.id
        fields[urn.lower()] = urn, _extension_cleaner(extension.schema, profile)
    return fields


def _extension_cleaner(schema: Schema, profile: Profile) -> Cleaner:
    fields = fields_of(schema.attributes, profile, in_patch=False)

    def clean(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise InvalidValue(f"{path} must be an object.")
        return clean_object(fields, value, f"{path}:") or None

    return clean


def _schemas(
    body: Resource, resource: Resource, resource_type: ResourceType, profile: Profile
) -> list[str]:
    """Return the URNs of the core schema and of each extension that is sent or filled."""
    core = resource_type.schema.id
    sent = next((value for key, value in body.items() if key.lower() == "schemas"), None)
    # RFC 7643 section 3 requires it, but the endpoint says as much.
    if sent is None and profile.missing_message_schemas:
        sent = [core]
    if isinstance(sent, str) and profile.unwrap_single_values:
        sent = [sent]
    if not isinstance(sent, list) or not all(isinstance(urn, str) for urn in sent):
        raise InvalidSyntax("schemas must be a list of schema URNs.")
    # Other URNs are not refused: Entra ID adds one of its own to groups,
    # http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group (Microsoft Learn,
    # use-scim-to-provision-users-and-groups).
    known = {urn.lower() for urn in sent}
    if core.lower() not in known:
        found = ", ".join(quoted(urn) for urn in sent[:3])
        raise InvalidSyntax(f"schemas must hold {core}; it holds {found or 'nothing'}.")
    # Those that hold data count although nobody named them: ``schemas`` says what is in use.
    extensions = (extension.schema.id for extension in resource_type.extensions)
    return [core, *(urn for urn in extensions if urn.lower() in known or urn in resource)]
