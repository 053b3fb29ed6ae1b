"""The token that is examined, and what can be said of one that the deployment refuses.

Why a token is refused is told to nobody outside: the caller says what it knows of the token.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from django_scim_provider.tools.doctor.kinds import Diagnosis, Kind, Level

_NEW = _("Generate a token (scim_rotate_token, or the admin) and give it to the identity provider.")

MALFORMED = Kind(
    "token-malformed",
    _("What was given is not a token of this app: it was cut off, or something was added to it."),
    _("Copy it again, without Bearer, quotes or padding; if it is lost, generate a new one."),
)
EXPIRED = Kind("token-expired", _("The token expired on %(day)s."), _NEW)
REVOKED = Kind(
    "token-revoked",
    _("The token was revoked on %(day)s; that happens, too, when a new one is generated."),
    _("Give the identity provider the newest token, or rotate with an overlap."),
)
DISABLED = Kind(
    "connection-disabled",
    _("The connection that the token belongs to is disabled."),
    _("Enable it in the admin, if that was not meant."),
)
DECOMMISSIONED = Kind(
    "connection-decommissioned",
    _("The connection that the token belongs to was decommissioned on %(day)s."),
    _("Make a new connection; a decommissioned one does not come back to life."),
)
OWNER_INACTIVE = Kind(
    "connection-owner-inactive",
    _("The user who owns the connection is not active, so its tokens open nothing."),
    _("Activate the user, or give the connection to another one in the admin."),
)
ORGANIZATION = Kind(
    "token-organization",
    _("The token names another organization than its connection, or none."),
    _("Generate a new token for the connection: tokens are bound to its organization."),
)
ORGANIZATION_INACTIVE = Kind(
    "token-organization-inactive",
    _("The organization of the connection is not active or no longer exists."),
    _("Activate it in the project, or decommission the connection."),
)
ALTERED = Kind(
    "token-altered",
    _("A token with this lookup id exists, but the rest of it is different."),
    _("Copy it again; if it is lost, generate a new one. SECRET_KEY may have changed, too."),
)
UNKNOWN = Kind(
    "token-unknown",
    _("The deployment refuses the token, and the database of this project does not know it."),
    _(
        "Give the token of this deployment, not of staging or of an earlier database; if it is "
        "lost, generate a new one."
    ),
)
GOOD_HERE = Kind(
    "token-good-here",
    _("The deployment refuses the token, though it is good by the database of this project."),
    _(
        "The server uses another database, SECRET_KEY or SCIM_PROVIDER than this command, or "
        "something replaces the token on the way: compare their environment, and restart the "
        "server if it was changed."
    ),
)
REFUSED = Kind(
    "token-refused",
    _("The deployment refuses the token; this project's database cannot be read to say why."),
    _(
        "Run the doctor where the database of the deployment can be read: it then says whether the "
        "token is expired, revoked or unknown. Or generate a new one."
    ),
)
EXPIRES_SOON = Kind(
    "token-expires-soon",
    _("The token expires on %(day)s."),
    _("Rotate it (scim_rotate_token --overlap) before provisioning stops."),
    level=Level.WARNING,
)


class GivenToken:
    """A token, and what its caller knows of it; here that is nothing.

    It has no ``repr`` of its own, so that the text never reaches a log by accident.
    """

    is_well_formed = True
    """A text that is not a token is not sent."""

    def __init__(self, text: str) -> None:
        self.text = text

    def invented(self) -> str:
        """Return a token of the same form that opens nothing."""
        return secrets.token_urlsafe(48)

    def why_refused(self) -> Diagnosis:
        """Return why the deployment refuses the token, though it is well formed."""
        return REFUSED.found()

    def expires_soon(self) -> Diagnosis | None:
        """Return a diagnosis where the token is good, but not for long."""
        return None

    def unindexed(self) -> Sequence[str]:
        """Return the attributes that the token's project wants indexes for, and has none yet."""
        return ()
