"""Schemas and resource types as immutable data (RFC 7643 sections 2, 6 and 7).

A resource itself is a plain dict in wire spelling; these values say what its keys mean. Names of
attributes, sub-attributes and URNs are looked up without regard to case (RFC 7643 section 2.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Resource = dict[str, Any]
"""A SCIM resource, or a part of one, in wire spelling."""

AttributeType = Literal[
    "string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"
]
Mutability = Literal["readOnly", "readWrite", "immutable", "writeOnly"]
Returned = Literal["always", "never", "default", "request"]
Uniqueness = Literal["none", "server", "global"]

MAX_NAME_LENGTH = 256
"""Characters of what resources are found by: ``userName``, ``displayName`` of groups and
``externalId``. They are columns with an index, whose keys are short on MySQL; the RFC sets no
bounds. 256 is what Entra ID has for names of groups (Microsoft Graph, resource type ``group``)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attribute:
    """One attribute definition (RFC 7643 section 7). Its defaults are those of section 2.2.

    Definitions are equal only to themselves, so that what is compiled from one is found by it.
    """

    name: str
    type: AttributeType = "string"
    multi_valued: bool = False
    description: str = ""
    required: bool = False
    case_exact: bool = False
    mutability: Mutability = "readWrite"
    returned: Returned = "default"
    uniqueness: Uniqueness = "none"
    canonical_values: tuple[str, ...] = ()
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple[Attribute, ...] = ()
    max_length: int | None = None
    """Characters that the server stores of a string; None: only the body limit holds."""
    kept_on_replace: bool = False
    """A PUT that leaves the attribute out keeps it, where RFC 7644 section 3.5.1 lets the server
    choose."""
    printable: bool = False
    """Control and format characters (Unicode Cc, Cf) are refused: the text identifies somebody."""
    withheld: tuple[Attribute, ...] = field(init=False, repr=False)
    """The sub-attributes that are never returned, or on request."""
    _by_key: dict[str, Attribute] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # A mistake of the project's, which would otherwise show up as a fault with the first
        # request.
        if (self.type == "complex") != bool(self.sub_attributes):
            raise ValueError(f"{self.name}: exactly the complex attributes have sub-attributes")
        # RFC 7643 section 7: what is writeOnly SHALL NOT be returned, whatever ``returned`` says.
        if self.mutability == "writeOnly":
            object.__setattr__(self, "returned", "never")
        if self.uniqueness != "none" and self.returned == "never":
            raise ValueError(f"{self.name}: what is never returned is not stored to be unique")
        subs = {sub.name.lower(): sub for sub in self.sub_attributes}
        if self.multi_valued and self.type != "complex":
            # What a value filter may ask a list of plain values for: ``tags[value eq "a"]``.
            subs["value"] = replace(self, name="value", multi_valued=False, required=False)
        object.__setattr__(self, "_by_key", subs)
        withheld = tuple(s for s in self.sub_attributes if s.returned in ("never", "request"))
        object.__setattr__(self, "withheld", withheld)

    def sub_attribute(self, name: str) -> Attribute | None:
        """Return the sub-attribute of that name in any case, or None.

        Of a list of plain values, ``value`` stands for each of them (RFC 7643 section 2.4).
        """
        return self._by_key.get(name.lower())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schema:
    """A schema: its URN, its name and its attributes (RFC 7643 section 7)."""

    id: str
    name: str
    description: str = ""
    attributes: tuple[Attribute, ...]
    _by_key: dict[str, Attribute] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {a.name.lower(): a for a in self.attributes})

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute of that name in any case, or None."""
        return self._by_key.get(name.lower())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SchemaExtension:
    """A schema that extends a resource type (RFC 7643 section 6)."""

    schema: Schema
    required: bool = False


def _common(**kwargs: Any) -> Attribute:
    return Attribute(**{"case_exact": True, "mutability": "readOnly", **kwargs})


COMMON_ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        name="schemas",
        type="reference",
        reference_types=("uri",),
        multi_valued=True,
        required=True,
        case_exact=True,
        returned="always",
    ),
    _common(name="id", returned="always", uniqueness="server"),
    # RFC 7643 section 3.1: exact in case, readWrite, and for the client to keep unique.
    Attribute(name="externalId", case_exact=True, max_length=MAX_NAME_LENGTH),
    _common(
        name="meta",
        type="complex",
        sub_attributes=(
            _common(name="resourceType"),
            _common(name="created", type="dateTime"),
            _common(name="lastModified", type="dateTime"),
            _common(name="location", type="reference", reference_types=("uri",)),
            _common(name="version"),
        ),
    ),
)
"""What every resource has beside its schema's attributes (RFC 7643 section 3.1)."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value stands in a resource: a resolved attribute path.

    ``extension`` is the URN under which the attribute is nested, or None for the core attributes.
    """

    attribute: Attribute
    sub: Attribute | None = None
    extension: str | None = None

    @property
    def leaf(self) -> Attribute:
        """Return the innermost attribute that the path names."""
        return self.sub or self.attribute

    def __str__(self) -> str:
        prefix = f"{self.extension}:" if self.extension else ""
        return f"{prefix}{self.attribute.name}" + (f".{self.sub.name}" if self.sub else "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResourceType:
    """A kind of resource: its endpoint, core schema and extensions (RFC 7643 section 6)."""

    name: str
    endpoint: str
    """Path below the base URL, with its leading slash: ``/Users``."""
    description: str = ""
    schema: Schema
    extensions: tuple[SchemaExtension, ...] = ()
    _common: dict[str, Attribute] = field(init=False, repr=False)
    _extensions: dict[str, Schema] = field(init=False, repr=False)
    _bare: dict[str, list[str]] = field(init=False, repr=False)
    secrets: tuple[Target, ...] = field(init=False, repr=False)
    """The attributes and sub-attributes that are never returned; they are handed on and never
    stored."""
    has_requested: bool = field(init=False, repr=False)
    """Is there an attribute or sub-attribute that is shown only on request?"""

    def __post_init__(self) -> None:
        each = [
            *self.targets(),
            *(
                Target(t.attribute, s, t.extension)
                for t in self.targets()
                for s in t.attribute.withheld
            ),
        ]
        secrets = tuple(target for target in each if target.leaf.returned == "never")
        object.__setattr__(self, "secrets", secrets)
        requested = any(target.leaf.returned == "request" for target in each)
        object.__setattr__(self, "has_requested", requested)
        common = {a.name.lower(): a for a in COMMON_ATTRIBUTES}
        object.__setattr__(self, "_common", common)
        extensions = {e.schema.id.lower(): e.schema for e in self.extensions}
        object.__setattr__(self, "_extensions", extensions)
        bare: dict[str, list[str]] = {}
        for schema in extensions.values():
            for attribute in schema.attributes:
                bare.setdefault(attribute.name.lower(), []).append(schema.id)
        object.__setattr__(self, "_bare", bare)

    def core_attribute(self, name: str) -> Attribute | None:
        """Return the core or common attribute of that name in any case, or None."""
        return self.schema.attribute(name) or self._common.get(name.lower())

    def extension(self, urn: str) -> Schema | None:
        """Return the extension schema with that URN in any case, or None."""
        return self._extensions.get(urn.lower())

    def extensions_with(self, name: str) -> list[str]:
        """Return the URNs of the extensions that have an attribute of that name in any case."""
        return self._bare.get(name.lower(), [])

    def attribute(self, urn: str | None, name: str) -> tuple[str | None, Attribute] | None:
        """Return (extension URN or None, attribute) for a possibly qualified name, or None."""
        # Section 3.10: the URN of the core schema may be left out, that of an extension may not.
        if urn is None or urn.lower() == self.schema.id.lower():
            core = self.core_attribute(name)
            return None if core is None else (None, core)
        schema = self.extension(urn)
        found = schema.attribute(name) if schema else None
        return None if schema is None or found is None else (schema.id, found)

    def targets(self) -> Iterator[Target]:
        """Yield every top-level attribute: common, core, then the extensions'."""
        for attribute in (*COMMON_ATTRIBUTES, *self.schema.attributes):
            yield Target(attribute)
        for extension in self.extensions:
            for attribute in extension.schema.attributes:
                yield Target(attribute, extension=extension.schema.id)
