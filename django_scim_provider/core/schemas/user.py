"""The User schema (RFC 7643 sections 4.1 and 8.7.1)."""

from __future__ import annotations

from collections.abc import Iterable

from django_scim_provider.core.schemas.building import complex_, text, uri
from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH, Attribute, Schema

# Columns as well; see ``MAX_NAME_LENGTH``.
MAX_EMAIL_LENGTH = 320
MAX_TYPE_LENGTH = 64


def _plural(
    name: str, description: str, value: Attribute, *, types: Iterable[str] = ()
) -> Attribute:
    """Return a multi-valued attribute with the usual sub-attributes (section 2.4)."""
    return complex_(
        name,
        description,
        value,
        text("display", "A name for people to read."),
        _type("What the value is for.", types),
        Attribute(
            name="primary",
            type="boolean",
            description="Whether this is the preferred value; true at most once.",
        ),
        multi_valued=True,
    )


def _type(description: str, types: Iterable[str]) -> Attribute:
    # Canonical values are suggestions (section 7): others are stored as well.
    return text("type", description, canonical_values=tuple(types), max_length=MAX_TYPE_LENGTH)


_NAME = complex_(
    "name",
    "The parts of the person's name.",
    text("formatted", "The whole name, for display."),
    text("familyName", "The family name, or last name."),
    text("givenName", "The given name, or first name."),
    text("middleName", "The middle names."),
    text("honorificPrefix", "Titles before the name."),
    text("honorificSuffix", "Suffixes behind the name."),
)

_ADDRESSES = complex_(
    "addresses",
    "Postal addresses.",
    text("formatted", "The whole address, for display or mailing."),
    text("streetAddress", "Street, house number, post box."),
    text("locality", "City or locality."),
    text("region", "State or region."),
    text("postalCode", "Postal code."),
    text("country", "Country, as an ISO 3166-1 alpha-2 code."),
    _type("What the address is for.", ("work", "home", "other")),
    Attribute(name="primary", type="boolean", description="Whether this is the preferred one."),
    multi_valued=True,
)

_GROUPS = complex_(
    "groups",
    "The groups that the user belongs to, by itself or through nested groups.",
    text("value", "The id of the group.", case_exact=True, mutability="readOnly"),
    uri("$ref", "The address of the group.", "Group", mutability="readOnly"),
    text("display", "The name of the group.", mutability="readOnly"),
    text(
        "type",
        "Whether the membership is direct or indirect.",
        canonical_values=("direct", "indirect"),
        mutability="readOnly",
    ),
    multi_valued=True,
    mutability="readOnly",
)

USER_SCHEMA = Schema(
    id="urn:ietf:params:scim:schemas:core:2.0:User",
    name="User",
    description="User Account",
    attributes=(
        text(
            "userName",
            "The name that the identity provider gives the user; unique without regard to case.",
            required=True,
            uniqueness="server",
            max_length=MAX_NAME_LENGTH,
            printable=True,
        ),
        _NAME,
        text("displayName", "The name shown to people."),
        text("nickName", "A casual name."),
        uri("profileUrl", "The address of the user's online profile."),
        text("title", "The user's title in the organization."),
        text("userType", "The relation between user and organization, such as Employee."),
        text("preferredLanguage", "Preferred languages, as in the Accept-Language header."),
        text("locale", "The locale for dates, numbers and currency."),
        text("timezone", "The time zone, as named in the IANA time zone database."),
        Attribute(
            name="active",
            type="boolean",
            description="Whether the user may log in.",
            kept_on_replace=True,  # a PUT without it must neither open nor close an account
        ),
        # Section 8.7.1: never returned. It is handed to the project and stored nowhere here.
        text("password", "A password, to be set only.", mutability="writeOnly", returned="never"),
        _plural(
            "emails",
            "E-mail addresses.",
            text("value", "The address.", max_length=MAX_EMAIL_LENGTH, printable=True),
            types=("work", "home", "other"),
        ),
        _plural(
            "phoneNumbers",
            "Telephone numbers.",
            text("value", "The number."),
            types=("work", "home", "mobile", "fax", "pager", "other"),
        ),
        _plural(
            "ims",
            "Instant messaging addresses.",
            text("value", "The address."),
            types=("aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"),
        ),
        _plural(
            "photos",
            "Pictures of the user.",
            uri("value", "The address of the picture."),
            types=("photo", "thumbnail"),
        ),
        _ADDRESSES,
        _GROUPS,
        _plural("entitlements", "What the user is entitled to.", text("value", "The entitlement.")),
        _plural("roles", "The roles of the user.", text("value", "The role.")),
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
