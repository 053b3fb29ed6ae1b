"""A client's object becomes a canonical resource, or an error that says what does not fit.

Names come in any case and leave in canonical spelling (RFC 7643 section 2.1); what is readOnly or
unassigned is left out, and ``LeftOut`` says what happens to what is undefined. Checks are compiled
once for each resource type and profile.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from django_scim_provider.core.errors import InvalidPath, InvalidSyntax, InvalidValue
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import (
    COMMON_ATTRIBUTES,
    Attribute,
    Resource,
    ResourceType,
    Schema,
)
from django_scim_provider.core.validation.left_out import LeftOut
from django_scim_provider.core.validation.nesting import nested
from django_scim_provider.core.validation.required import refuse_missing
from django_scim_provider.core.validation.simple_values import Cleaner, quoted
from django_scim_provider.core.validation.values import (
    Fields,
    clean_object,
    fields_of,
    value_cleaner,
)


def clean(
    body: Any,
    resource_type: ResourceType,
    profile: Profile,
    *,
    context: Literal["create", "replace"],
    left_out: LeftOut | None = None,
) -> Resource:
    """Return the canonical resource of a POST or PUT body.

    ``left_out`` is where the names of what no schema knows go.

    Raises:
        InvalidSyntax: the body is not a resource of the type, names an attribute twice, or holds
            what no schema knows, and the profile refuses that.
        InvalidValue: a value does not fit its attribute, or a required one is missing.
    """
    if not isinstance(body, dict):
        raise InvalidSyntax(f"The body of a {context} must be a JSON object.")
    try:
        body = nested(body, resource_type, profile).whole(profile)
    except InvalidPath as error:
        # A path in a key is a matter of the body's structure (Table 9 of RFC 7644).
        raise InvalidSyntax(error.detail) from error
    fields = _compiled(resource_type, profile)
    left_out = LeftOut(profile) if left_out is None else left_out
    # What the schemas do not define is left out: Microsoft's own collection sends such names and
    # expects 201 (AzureAD/SCIMReferenceCode).
    resource = {"schemas": [], **clean_object(fields, body, "", left_out)}
    resource["schemas"] = _schemas(body, resource, resource_type, profile)
    refuse_missing(resource, resource_type)
    return resource


def clean_value(
    attribute: Attribute,
    value: Any,
    profile: Profile,
    *,
    path: str,
    left_out: LeftOut | None = None,
) -> Any:
    """Return one attribute's value in a PATCH in canonical form; None means unassigned.

    Raises:
        InvalidValue: the value does not fit; ``path`` names the attribute in the message.
    """
    left_out = LeftOut(profile) if left_out is None else left_out
    return value_cleaner(attribute, profile, in_patch=True)(value, path, left_out)


@cache
def _compiled(resource_type: ResourceType, profile: Profile) -> Fields:
    """Return the fields of a resource type under one profile."""
    attributes = [*COMMON_ATTRIBUTES, *resource_type.schema.attributes]
    fields = fields_of(attributes, profile, in_patch=False)
    fields["schemas"] = "schemas", None  # read below
    for extension in resource_type.extensions:
        urn = extension.schema.id
        fields[urn] = urn, _extension_cleaner(extension.schema, profile)
    return fields


def _extension_cleaner(schema: Schema, profile: Profile) -> Cleaner:
    fields = fields_of(schema.attributes, profile, in_patch=False)

    def clean(value: Any, path: str, left_out: LeftOut) -> Any:
        if not isinstance(value, dict):
            raise InvalidValue(f"{path} must be an object.")
        return clean_object(fields, value, f"{path}:", left_out) or None

    return clean


def _schemas(
    body: Resource, resource: Resource, resource_type: ResourceType, profile: Profile
) -> list[str]:
    """Return the URNs of the core schema and of each extension that holds something."""
    core = resource_type.schema.id
    sent = body.get("schemas")
    # RFC 7643 section 3 requires it, but the endpoint says as much.
    if sent is None and profile.missing_message_schemas:
        sent = [core]
    if isinstance(sent, str) and profile.unwrap_single_values:
        sent = [sent]
    if not isinstance(sent, list) or not all(isinstance(urn, str) for urn in sent):
        raise InvalidSyntax("schemas must be a list of schema URNs.")
    named = {urn.lower() for urn in sent}
    if core.lower() not in named:
        found = ", ".join(quoted(urn) for urn in sent[:3])
        raise InvalidSyntax(f"schemas must hold {core}; it holds {found or 'nothing'}.")
    if not profile.leave_out_unknown:
        _refuse_undeclared(body, sent, resource_type)
    # ``schemas`` says what is in use (RFC 7643 section 3), whatever was sent: not an extension that
    # is named and has no attributes, and not what nobody registered. Entra ID names a URN of its
    # own in groups, http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group
    # (Microsoft Learn, use-scim-to-provision-users-and-groups).
    return in_use(resource, resource_type)


def in_use(resource: Resource, resource_type: ResourceType) -> list[str]:
    """Return the URNs that ``schemas`` of a resource holds: those that define what is in it."""
    extensions = [extension.schema.id for extension in resource_type.extensions]
    # Those that were stored count as well: a project may take an extension away and bring it back.
    known = dict.fromkeys([*extensions, *resource.get("schemas", ())])
    return [resource_type.schema.id, *(urn for urn in known if resource.get(urn))]


def _refuse_undeclared(body: Resource, sent: list[str], resource_type: ResourceType) -> None:
    """Refuse extensions that ``schemas`` does not name, and names of schemas that nobody knows.

    Raises:
        InvalidSyntax: naming the first.
    """
    named = {urn.lower() for urn in sent}
    for key in body:
        extension = resource_type.extension(key)
        if extension is not None and key.lower() not in named:
            raise InvalidSyntax(
                f"The body holds {extension.id}, which schemas does not name (RFC 7643 section 3)."
            )
    refuse_unknown_schemas(sent, resource_type)


def refuse_unknown_schemas(urns: list[str], resource_type: ResourceType) -> None:
    """Refuse URNs of schemas that the resource type does not have.

    Raises:
        InvalidSyntax: naming the first.
    """
    for urn in urns:
        if resource_type.extension(urn) is None and urn.lower() != resource_type.schema.id.lower():
            raise InvalidSyntax(f"{quoted(urn)} is not a schema of {resource_type.name}.")
