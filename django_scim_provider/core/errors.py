"""The SCIM errors (RFC 7644 section 3.12 and Table 9, RFC 9865 section 2.1).

Every fault of a client is one of these exceptions, raised where it is discovered, with a sentence
that names the attribute and the expectation. ``to_resource`` is its wire form.
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from django_scim_provider.core.urns import ERROR_URN

# Details repeat parts of what the client sent, and are logged by identity providers as they are:
# the limit keeps a long filter from coming back whole.
MAX_DETAIL_LENGTH = 400


class Collision(NamedTuple):
    """What has a value already that was asked for; operators see it, and no client does."""

    holder_type: str
    """``USER`` for one of the project's users, else the name of the resource type."""
    holder_id: str
    """The key of the user, or the SCIM id of the resource."""


USER = "user"
"""What a collision calls a user of the project, whom the connection need not know."""


class SCIMError(Exception):
    """A request that cannot be answered as asked.

    Carries ``status``, ``scim_type`` and ``detail``. ``attribute`` is the one that is at fault, in
    SCIM's spelling; empty where it is what the sentence begins with, or none.
    """

    status: ClassVar[int] = 400
    scim_type: ClassVar[str | None] = None
    default_detail: ClassVar[str] = "The request cannot be processed."

    def __init__(self, detail: str = "", *, attribute: str = "") -> None:
        self.attribute = attribute
        self.detail = (detail or self.default_detail)[:MAX_DETAIL_LENGTH]
        super().__init__(self.detail)

    def to_resource(self) -> dict[str, Any]:
        """Return the error response body; ``status`` is a string (RFC 7644 section 3.12)."""
        body: dict[str, Any] = {"schemas": [ERROR_URN], "status": str(self.status)}
        if self.scim_type:
            body["scimType"] = self.scim_type
        # Okta's SPEC test requires a detail in every error; section 3.12 makes it optional.
        body["detail"] = self.detail
        return body


class InvalidFilter(SCIMError):
    """The filter is malformed, too large, or names what cannot be filtered."""

    scim_type = "invalidFilter"
    default_detail = "The filter is not valid."


class TooMany(SCIMError):
    """The request asks for more than the server is willing to compute."""

    # Table 9 has it for the results of a filter; no other type there says "ask for less".
    scim_type = "tooMany"
    default_detail = "The query asks for too many results."


class Uniqueness(SCIMError):
    """A value that has to be unique is in use.

    ``holder`` is the id of the resource that has it, where the client may read that; ``location``
    is its address, where it is known: a client whose first try was committed without its hearing
    of it finds there what it made. ``collision`` is for operators alone.
    """

    status = 409
    scim_type = "uniqueness"
    default_detail = "A value that must be unique is already in use."

    def __init__(
        self,
        detail: str = "",
        *,
        attribute: str = "",
        holder: str | None = None,
        collision: Collision | None = None,
    ) -> None:
        self.holder = holder
        self.location: str | None = None
        self.collision = collision
        super().__init__(detail, attribute=attribute)


class Mutability(SCIMError):
    """The change is not compatible with the attribute's mutability."""

    scim_type = "mutability"
    default_detail = "The attribute cannot be changed."


class InvalidSyntax(SCIMError):
    """The body is not a valid request: JSON, schema or structure."""

    scim_type = "invalidSyntax"
    default_detail = "The request body is not valid."


class InvalidPath(SCIMError):
    """A PATCH path is malformed or names an undefined attribute."""

    scim_type = "invalidPath"
    default_detail = "The path is not valid."


class NoTarget(SCIMError):
    """A PATCH path does not yield anything that could be operated on."""

    scim_type = "noTarget"
    default_detail = "The path does not match anything to operate on."


class InvalidValue(SCIMError):
    """A required value is missing, or a value does not fit its attribute."""

    scim_type = "invalidValue"
    default_detail = "A value is missing or not valid."


class InvalidCursor(SCIMError):
    """The cursor is not one of ours, or belongs to another query (RFC 9865 section 2.1)."""

    scim_type = "invalidCursor"
    default_detail = "The cursor is not valid for this query."


class ExpiredCursor(SCIMError):
    """The cursor is too old (RFC 9865 section 2.1)."""

    scim_type = "expiredCursor"
    default_detail = "The cursor has expired; start the query again."


class InvalidCount(SCIMError):
    """The count does not fit the cursor (RFC 9865 section 2.1)."""

    scim_type = "invalidCount"
    default_detail = "The count is not valid for this query."


# No scimType for those that follow: Table 9 has none for credentials and for HTTP's own faults.
class Unauthorized(SCIMError):
    """The credentials are missing or not valid."""

    status = 401
    default_detail = "The bearer token is missing or not valid."


class Forbidden(SCIMError):
    """The caller may not do this."""

    status = 403
    default_detail = "The token does not permit this operation."


# 403 with a type of Table 9, so that administrators see in the log of their identity provider which
# of the two refusals it was: the token's scope, or the person.
class ProtectedResource(SCIMError):
    """The person behind the resource may not be changed through SCIM."""

    status = 403
    scim_type = "mutability"
    default_detail = "This account is protected and cannot be changed by provisioning."


class NotFound(SCIMError):
    """There is no such resource for this caller."""

    status = 404
    default_detail = "The resource does not exist."


class MethodNotAllowed(SCIMError):
    """The resource does not support the method."""

    status = 405
    default_detail = "The method is not supported here."


class NotAcceptable(SCIMError):
    """No media type that the client accepts can be produced."""

    status = 406
    default_detail = "Only application/scim+json and application/json can be produced."


class Conflict(SCIMError):
    """The change conflicts with another change; trying again may succeed."""

    status = 409
    default_detail = "The change conflicts with another one; try again."


class PreconditionFailed(SCIMError):
    """The resource is not at the version that the client expects (RFC 7644 section 3.14)."""

    status = 412
    default_detail = "The resource has changed; its version is not the expected one."


# WSGI servers that do not decode chunks give an empty body: without this, a client would hear that
# its JSON is wrong.
class LengthRequired(SCIMError):
    """The body comes in pieces, and the server cannot tell where it ends."""

    status = 411
    default_detail = "Send the body with a Content-Length; this server cannot read it in chunks."


class PayloadTooLarge(SCIMError):
    """The body is larger than the server accepts."""

    status = 413
    default_detail = "The request body is too large."


class UnsupportedMediaType(SCIMError):
    """The body is of a media type that cannot be read."""

    status = 415
    default_detail = "The body must be application/scim+json or application/json, in UTF-8."


class TooManyRequests(SCIMError):
    """The caller is over its rate limit."""

    status = 429
    default_detail = "Too many requests; try again later."


class InternalError(SCIMError):
    """The server failed; nothing was changed."""

    status = 500
    default_detail = "The server failed to process the request; nothing was changed."


class NotSupported(SCIMError):
    """The operation is defined by SCIM but not offered here."""

    status = 501
    default_detail = "The operation is not supported."


# 503 as well, since nothing is wrong with the request and the same one will do once the project is
# put right; without ``Retry-After``, since nobody knows when.
class NotPrepared(SCIMError):
    """The project around the server lacks what the request needs; nothing was changed."""

    status = 503
    default_detail = "This service is not prepared for the request; its operator has to act."

    @classmethod
    def lacks(cls, name: str) -> NotPrepared:
        """Return the error about a field of the project's own that nobody gives a value."""
        return cls(
            f"This service needs a value for {name!r}, which provisioning does not give it. "
            "Its operator has to say what it is; then the same request will do."
        )


class Unavailable(SCIMError):
    """The server cannot answer now; nothing was changed."""

    status = 503
    default_detail = "The service is not available at the moment; try again."
