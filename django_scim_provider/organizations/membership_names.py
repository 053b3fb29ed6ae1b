"""What the settings say of the project's membership model."""

from __future__ import annotations

from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipModel:
    """``SCIM_PROVIDER["MEMBERSHIP"]``: the names of the model and of its fields."""

    model: str
    """``app_label.Model``; it has one row for each user of an organization."""
    user: str = "user"
    """The foreign key to the user."""
    organization: str = "organization"
    """The foreign key to the organization, or a field that holds its id."""
    organization_active: str | None = None
    """The boolean field of the organization's own model that says whether it is active; None: each
    one that there is. Only where ``organization`` is a foreign key."""
    role: str | None = "role"
    """The field that holds the role, or several with commas between; None: members have none."""
    several_roles: bool = False
    """May the role field hold several? False: a granted role takes the place of the other."""
    active: str | None = None
    """The boolean field that suspends a membership; None: it is removed instead."""
    default_role: str = "member"
    """The role of those who are provisioned; it must not be one of ``owner_roles``."""
    owner_roles: list[str] = field(default_factory=lambda: ["owner"])
    """The roles of which an organization must keep one active holder."""
    teams: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Models of what members of an organization belong to: ``app_label.Model`` and the look-ups
    from there to the user and to the organization, such as ``("user",
    "team__organization")``."""


MEMBERSHIP_KEYS = frozenset(f.name for f in fields(MembershipModel))
