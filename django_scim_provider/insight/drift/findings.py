"""What a comparison finds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Aspect(StrEnum):
    """What differs."""

    ACCOUNT = "account"
    """The columns and index rows of an account, from its resource."""
    GROUP = "group"
    """The columns of a group, from its resource."""
    USER = "user"
    """The project's user, from what its sources say."""
    MEMBERSHIP = "membership"
    """The membership of the connection's organization."""
    ROLE = "role"
    """A Django group, role in the organization or role of the project, from the mappings."""


class Kept(StrEnum):
    """Why a repair leaves a difference as it is; such a one does not count as drift."""

    PROTECTED = "protected"
    """Staff, superusers, the owner of the connection, the last owner of an organization."""
    CLOSED = "closed"
    """The project took access that the identity provider gives; only ``reopen`` gives it back."""
    HIDDEN = "hidden"
    """The manager of the user model does not show the user."""
    UNREADABLE = "unreadable"
    """The stored resource is no longer what the adapter or the schema takes."""


KEPT_REASONS: dict[Kept, str | Promise] = {
    Kept.PROTECTED: _("protected: provisioning must not touch the user"),
    Kept.CLOSED: _("closed by the project"),
    Kept.HIDDEN: _("the project does not show the user"),
    Kept.UNREADABLE: _("the stored resource cannot be used"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as it should be."""

    part: Aspect
    name: str
    """A column, a field of the user model, or ``django_group 5`` and the like for roles."""
    now: Any = None
    due: Any = None
    """What it is and what it should be; personal data, for those who may see it."""
    kept: Kept | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """What differs for one account or group, or for a user with grants and no account."""

    key: Any
    """The key of the account, group or user in its stage."""
    resource_type: str
    resource_id: str
    """The SCIM id; empty for a user without account."""
    user_id: Any = None
    differences: tuple[Difference, ...]
    repaired: bool = False
    refused: str = ""
    """Why a repair failed, as a client would be told."""

    @property
    def is_drift(self) -> bool:
        """Tell whether a repair would change, or should have changed, something."""
        return not self.repaired and any(each.kept is None for each in self.differences)


@dataclass(slots=True)
class Drift:
    """How a comparison went: accounts, groups, and users with grants and no account."""

    compared: int = 0
    differing: int = 0
    """Those that still differ, without what is kept; ``ProviderConnection.drift_count``."""
    repaired: int = 0
    refused: int = 0
    """Those whose repair failed; they are among ``differing``."""
    kept: Counter[str] = field(default_factory=Counter)
    """How many differences are left as they are, by the reason."""
    position: str | None = None
    """Where the next call goes on; None: everything was compared."""

    def add(self, finding: Divergence) -> None:
        """Count a finding."""
        self.differing += finding.is_drift
        self.repaired += finding.repaired
        self.refused += bool(finding.refused)
        self.kept.update(str(each.kept) for each in finding.differences if each.kept)
