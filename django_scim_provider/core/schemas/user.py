"""The User schema (RFC 7643 sections 4.1 and 8.7.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django_scim_provider.core.schemas.definitions import Attribute, Schema

MAX_NAME_LENGTH = 255
MAX_EMAIL_LENGTH = 320
MAX_TYPE_LENGTH = 64


def _text(name: str, description: str, **more: Any) -> Attribute:
    return Attribute(name=name, description=description, **more)


def _uri(name: str, description: str, *types: str, **more: Any) -> Attribute:
    return Attribute(
        name=name,
        description=description,
        type="reference",
        reference_types=types or ("external",),
        case_exact=True,
        **more,
    )


def _plural(
    name: str, description: str, value: Attribute, *, types: Iterable[str] = ()
) -> Attribute:
    """Return a multi-valued attribute with the usual sub-attributes (section 2.4)."""
    return Attribute(
        name=name,
        description=description,
        type="complex",
        multi_valued=True,
        sub_attributes=(
            value,
            _text("display", "A name for people to read."),
            _text(
                "type",
                "What the value is for.",
                canonical_values=tuple(types),
                max_length=MAX_TYPE_LENGTH,
            ),
            Attribute(
                name="primary",
                type="boolean",
                description="Whether this is the preferred value; true at most once.",
            ),
        ),
    )


_NAME = Attribute(
    name="name",
    type="complex",
    description="The parts of the person's name.",
    sub_attributes=(
        _text("formatted", "The whole name, for display."),
        _text("familyName", "The family name, or last name."),
        _text("givenName", "The given name, or first name."),
        _text("middleName", "The middle names."),
        _text("honorificPrefix", "Titles before the name."),
        _text("honorificSuffix", "Suffixes behind the name."),
    ),
)

_ADDRESSES = Attribute(
    name="addresses",
    type="complex",
    multi_valued=True,
    description="Postal addresses.",
    sub_attributes=(
        _text("formatted", "The whole address, for display or mailing."),
        _text("streetAddress", "Street, house number, post box."),
        _text("locality", "City or locality."),
        _text("region", "State or region."),
        _text("postalCode", "Postal code."),
        _text("country", "Country, as an ISO 3166-1 alpha-2 code."),
        _text(
            "type",
            "What the address is for.",
            canonical_values=("work", "home", "other"),
            max_length=MAX_TYPE_LENGTH,
        ),
        Attribute(name="primary", type="boolean", description="Whether this is the preferred one."),
    ),
)

_GROUPS = Attribute(
    name="groups",
    type="complex",
    multi_valued=True,
    mutability="readOnly",
    description="The groups that the user belongs to, by itself or through nested groups.",
    sub_attributes=(
        _text("value", "The id of the group.", case_exact=True, mutability="readOnly"),
        _uri("$ref", "The address of the group.", "Group", mutability="readOnly"),
        _text("display", "The name of the group.", mutability="readOnly"),
        _text(
            "type",
            "Whether the membership is direct or indirect.",
            canonical_values=("direct", "indirect"),
            mutability="readOnly",
        ),
    ),
)

USER_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:User",
    name="User",
    description="User account",
    attributes=(
        _text(
            "userName",
            "The name that the identity provider gives the user; unique without regard to case.",
            required=True,
            uniqueness="server",
            max_length=MAX_NAME_LENGTH,
            printable=True,
        ),
        _NAME,
        _text("displayName", "The name shown to people."),
        _text("nickName", "A casual name."),
        _uri("profileUrl", "The address of the user's online profile."),
        _text("title", "The user's title in the organization."),
        _text("userType", "The relation between user and organization, such as Employee."),
        _text("preferredLanguage", "Preferred languages, as in the Accept-Language header."),
        _text("locale", "The locale for dates, numbers and currency."),
        _text("timezone", "The time zone, as named in the IANA time zone database."),
        Attribute(
            name="active",
            type="boolean",
            description="Whether the user may log in.",
            kept_on_replace=True,  # a PUT without it must neither open nor close an account
        ),
        _text("password", "A password, to be set only.", mutability="writeOnly", returned="never"),
        _plural(
            "emails",
            "E-mail addresses.",
            _text("value", "The address.", max_length=MAX_EMAIL_LENGTH, printable=True),
            types=("work", "home", "other"),
        ),
        _plural(
            "phoneNumbers",
            "Telephone numbers.",
            _text("value", "The number."),
            types=("work", "home", "mobile", "fax", "pager", "other"),
        ),
        _plural(
            "ims",
            "Instant messaging addresses.",
            _text("value", "The address."),
            types=("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
        ),
        _plural(
            "photos",
            "Pictures of the user.",
            _uri("value", "The address of the picture."),
            types=("photo", "thumbnail"),
        ),
        _ADDRESSES,
        _GROUPS,
        _plural(
            "entitlements", "What the user is entitled to.", _text("value", "The entitlement.")
        ),
        _plural("roles", "The roles of the user.", _text("value", "The role.")),
        _plural(
            "x509Certificates",
            "Certificates of the user.",
            Attribute(
                name="value",
                type="binary",
                case_exact=True,
                description="The DER-encoded X.509 certificate, in base64.",
            ),
        ),
    ),
)
