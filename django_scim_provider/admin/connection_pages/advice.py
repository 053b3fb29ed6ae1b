"""What to do about failures, for the person who connects an identity provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A section of the documentation."""

    path: str
    """Below ``docs/``, without its suffix."""
    title: str
    section: str = ""
    """The id of the heading."""

    @property
    def address(self) -> str | None:
        """Return where it is published, or None where ``DOCS_URL`` does not say."""
        root = get_settings().DOCS_URL
        if not root:
            return None
        anchor = f"#{self.section}" if self.section else ""
        return f"{root.rstrip('/')}/{self.path}.html{anchor}"


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence or a few, and where to read on."""

    text: Any
    """Translatable."""
    page: HelpPage | None = None


Key = tuple[int, str, str, str]
"""Status, ``scimType``, action and resource type; an empty text stands for all."""

HTTP = HelpPage("reference/http", "HTTP")
PROFILES = HelpPage("reference/profiles", "Profiles")
CONNECT = HelpPage("how-to/connect-an-identity-provider", "Connect an identity provider")
EXTENSIONS = HelpPage("how-to/declare-an-extension", "Declare an extension")
LIMITS = HelpPage("how-to/limit-requests", "Limit requests")
LINKING = HelpPage("how-to/link-existing-users", "Link existing users", "a-policy")
NEVER = HelpPage("explanation/life-cycle", "Life-cycle", "who-is-never-touched")
SESSIONS = HelpPage("how-to/end-sessions-on-deactivation", "End sessions on deactivation")
SETTINGS = HelpPage("reference/settings", "Settings")
TOKENS = HelpPage("how-to/rotate-a-token", "Rotate a token")

_AGAIN = _(
    "A query was refused, not a change. The identity provider starts it again by itself; if it "
    "does not, start a provisioning cycle there."
)

ADVICE: dict[Key, Advice] = {
    (400, "invalidFilter", "", ""): Advice(
        _(
            "The identity provider selects values by an attribute or operator that is not known "
            "here. Choose another matching attribute there: userName or externalId."
        ),
        HTTP,
    ),
    (400, "tooMany", "", ""): Advice(
        _(
            "The request asks for more than is allowed at once. Ask the identity provider for "
            "smaller pages, simpler filters or fewer operations."
        ),
        HTTP,
    ),
    (400, "mutability", "", ""): Advice(
        _(
            "The request would change what is read-only here, or remove what is required. Take "
            "the attribute out of the mapping of attributes in the identity provider."
        ),
        HTTP,
    ),
    (400, "invalidSyntax", "", ""): Advice(
        _(
            "The request is not what SCIM describes. Check that the profile of the "
            "connection is that of your identity provider; the log of the project has the "
            "details under the request id."
        ),
        PROFILES,
    ),
    (400, "invalidPath", "", ""): Advice(
        _(
            "The identity provider writes an attribute that is not known here. Take it out of the "
            "mapping of attributes there, or declare it as an extension."
        ),
        EXTENSIONS,
    ),
    (400, "noTarget", "", ""): Advice(
        _(
            "The change is for a value that the resource does not have, such as an address of "
            "type work where there is none. Provision the whole resource again, or choose the "
            "profile of your identity provider."
        ),
        PROFILES,
    ),
    (400, "invalidValue", "", ""): Advice(
        _(
            "A required value is missing or has the wrong form: an empty userName, something that "
            "is not an e-mail address, a text that is too long. Correct the person in the "
            "directory, or the mapping of attributes, and provision again."
        ),
        CONNECT,
    ),
    (400, "invalidValue", "", "Group"): Advice(
        _(
            "Usually, a member is not known here: the group was pushed before its people. "
            "Assign them to the application, wait until they have been provisioned, then push the "
            "group again. A group that would contain itself is refused too."
        ),
        CONNECT,
    ),
    (400, "invalidCursor", "", ""): Advice(_AGAIN, HTTP),
    (400, "expiredCursor", "", ""): Advice(_AGAIN, HTTP),
    (400, "invalidCount", "", ""): Advice(_AGAIN, HTTP),
    (400, "", "", ""): Advice(
        _("The request is not valid. The log of the project has the details under the request id."),
        HTTP,
    ),
    (401, "", "", ""): Advice(
        _(
            "The connection was closed, or its token ended, while the request was under way; "
            "nothing was changed. If that was not intended, enable the connection or generate a "
            "token."
        ),
        TOKENS,
    ),
    (403, "mutability", "", ""): Advice(
        _(
            "The project still needs the resource, or protects it. Take it out of what the "
            "identity provider manages, or free it here first."
        ),
        HTTP,
    ),
    (403, "mutability", "", "User"): Advice(
        _(
            "The account belongs to staff, a superuser, the owner of the connection or the last "
            "owner of the organization. Provisioning never touches these: change them by hand, "
            "and take them out of the assignment in the identity provider."
        ),
        NEVER,
    ),
    (403, "", "", ""): Advice(
        _(
            "The token may not do this. Generate one with the scope that writes this kind of "
            "resource. If the scopes are right, the organization of the connection may be gone."
        ),
        HTTP,
    ),
    (404, "", "", ""): Advice(
        _(
            "The identity provider remembers something that is no longer here. Take the person or "
            "group out of the assignment there and put it back, so that it is found or created "
            "again."
        ),
        HTTP,
    ),
    (405, "", "", ""): Advice(
        _("This URL does not accept the method. Check the base URL in the identity provider."),
        HTTP,
    ),
    (406, "", "", ""): Advice(
        _("The client wants another media type than JSON. Set it to application/scim+json."), HTTP
    ),
    (409, "uniqueness", "", ""): Advice(
        _(
            "A value that must be unique is in use here; the answer to the identity provider names "
            "the attribute. Correct one of the two in the directory, then provision again."
        ),
        LINKING,
    ),
    (409, "uniqueness", "create", "User"): Advice(
        _(
            "Another user has this name or address; the answer to the identity provider says "
            "which. If it is the same person, link the user on the page of failures, or let "
            "provisioning link users that exist by a policy. If it is somebody else, correct the "
            "value in the directory."
        ),
        LINKING,
    ),
    (409, "uniqueness", "", "Group"): Advice(
        _(
            "Another group of this connection has the name, and the switch unique_group_names is "
            "on. Remove the one that is left over in the identity provider, then push the group "
            "again."
        ),
        HTTP,
    ),
    (409, "", "", ""): Advice(
        _(
            "The change met another one, or needs a resource of the same bulk request that could "
            "not be made. The identity provider tries again by itself; look at what failed just "
            "before."
        ),
        HTTP,
    ),
    (411, "", "", ""): Advice(
        _("The body came in chunks. Let the proxy in front send a Content-Length instead."), HTTP
    ),
    (412, "", "", ""): Advice(
        _(
            "The resource changed after the identity provider read it, so it must read it again. "
            "That is right after a change by hand; if this persists, start a provisioning cycle "
            "there."
        ),
        HTTP,
    ),
    (413, "", "", ""): Advice(
        _(
            "The request is larger than allowed. Let the identity provider send fewer operations "
            "or members at once, or raise MAX_BODY_BYTES, BULK_MAX_OPERATIONS, "
            "BULK_MAX_PAYLOAD_SIZE or MAX_RESOURCE_SIZE, and the limit of the proxy in front."
        ),
        SETTINGS,
    ),
    (415, "", "", ""): Advice(
        _(
            "The body was of another media type, compressed, or not in UTF-8. Set the client to "
            "application/scim+json."
        ),
        HTTP,
    ),
    (429, "", "", ""): Advice(
        _(
            "Too many requests. The identity provider comes back by itself; if its cycles take "
            "too long, raise the rate of the connection in THROTTLE_RATES."
        ),
        LIMITS,
    ),
    (500, "", "", ""): Advice(
        _(
            "The project failed; nothing was changed. The log of the project has the details at "
            "this time. Often it is code of the project's own; whoever develops it can tell."
        ),
        HTTP,
    ),
    (501, "", "", ""): Advice(
        _(
            "The identity provider asks for something that this server does not offer. Turn it "
            "off there."
        ),
        HTTP,
    ),
    (503, "", "", ""): Advice(
        _(
            "The database did not answer, or the sessions of somebody who was deactivated could "
            "not be ended; nothing was changed, and the identity provider tries again. If it "
            "stays, look at the database and at the functions in REVOKERS."
        ),
        SESSIONS,
    ),
}

OTHER_REFUSAL = Advice(
    _(
        "The project refused it for a reason of its own. Its log has the details under the request "
        "id."
    )
)
OTHER_FAILURE = Advice(
    _(
        "Something in front of the change failed; nothing was changed. The log of the project has "
        "it."
    )
)


def advice_for(status: int | None, scim_type: str, action: str, resource_type: str) -> Advice:
    """Return the most particular advice there is; each status and ``scimType`` of ours has some."""
    code = status or 0
    for key in (
        (code, scim_type, action, resource_type),
        (code, scim_type, "", resource_type),
        (code, scim_type, "", ""),
        (code, "", "", ""),
    ):
        if key in ADVICE:
            return ADVICE[key]
    return OTHER_FAILURE if code >= 500 else OTHER_REFUSAL
