"""How far the set-up of a connection is, by what has been seen of its identity provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.health import settings_connections
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
)
from django_scim_provider.models.moments import utc
from django_scim_provider.storage.sql.vendors import vendor_of

EARLIEST = 1000
"""How many of the first events are looked at for what happened first."""
STEP_TITLES: dict[str, Any] = {
    "token": _("A token was made"),
    "request": _("The first request arrived"),
    "user": _("The first person arrived"),
    "group": _("The first group arrived"),
    "deactivation": _("Somebody was deactivated"),
}
"""By the names of the steps, in the order in which they come."""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """Something that was seen, or was not yet."""

    seen: bool
    at: datetime | None = None
    """When it was, as far as that is still known."""

    def __bool__(self) -> bool:
        return self.seen


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """What has been seen, in the order in which it comes."""

    token: FirstStep
    """Is there a token that opens the connection?"""
    request: FirstStep
    """Did a request come with a token of the connection?"""
    user: FirstStep
    """Is there an account?"""
    group: FirstStep
    """Is there a group? Not every identity provider sends them."""
    deactivation: FirstStep
    """Was somebody deactivated? It shows that access ends here when it ends there."""

    @property
    def done(self) -> bool:
        """Tell whether people arrive, so that nothing needs to be waited for."""
        return bool(self.token and self.request and self.user)

    @property
    def following(self) -> str | None:
        """Return the name of the step that is next; None where all were seen."""
        return next((name for name in STEP_TITLES if not getattr(self, name)), None)


def first_steps_of(connection: ProviderConnection) -> FirstSteps:
    """Return how far the set-up is, by two statements.

    When something was is told by the earliest of what is still there: accounts and groups, and
    events, as long as the project keeps them.
    """
    own = {"provider": OuterRef("provider_id")}
    tokens, accounts = SCIMToken.objects.filter(**own), LinkedAccount.objects.filter(**own)
    groups = ProvisionedGroup.objects.filter(**own)
    used = tokens.exclude(last_used_at=None).order_by("last_used_at")
    asked = ProvisioningEvent.objects.filter(**own).exclude(request_id="")
    rows = ProviderConnection.objects.using(_using()).filter(pk=connection.pk).order_by()
    found = rows.annotate(
        lives=Exists(SCIMToken.objects.live().filter(**own)),
        asked=Exists(asked),
        inactive=Exists(accounts.filter(active=False, released_at=None)),
        made_at=_first(tokens.order_by("created_at"), "created_at"),
        used_at=_first(used, "last_used_at"),
        user_at=_first(_in_order(accounts), "created_at"),
        group_at=_first(_in_order(groups), "created_at"),
    ).values("lives", "asked", "inactive", "made_at", "used_at", "user_at", "group_at")
    facts = found.get()
    early = _early(connection)
    in_settings = connection.provider_id in settings_connections()
    heard_at = _earliest(early["request_at"], facts["used_at"], facts["user_at"])
    is_heard = facts["asked"] or facts["used_at"] is not None
    return FirstSteps(
        token=FirstStep(facts["lives"] or in_settings, facts["made_at"]),
        request=FirstStep(is_heard, heard_at if is_heard else None),
        user=FirstStep(facts["user_at"] is not None, facts["user_at"]),
        group=FirstStep(facts["group_at"] is not None, facts["group_at"]),
        deactivation=FirstStep(
            facts["inactive"] or early["deactivation_at"] is not None, early["deactivation_at"]
        ),
    )


def _early(connection: ProviderConnection) -> dict[str, Any]:
    """Return when the first request and the first deactivation were, of the earliest events.

    All events of a connection may be a million.
    """
    using = _using()
    rows = ProvisioningEvent.objects.using(using).filter(provider=connection.provider_id)
    first, done = _in_order(rows)[:EARLIEST], ProvisioningEvent.Outcome.DONE
    if vendor_of(using).orm_only:
        # MongoDB's backend fails where a part of which the least is asked is empty.
        read = list(first.values("at", "request_id", "action", "resource_type", "outcome"))
        ends = {(action, "User", done) for action in _ENDINGS}
        kinds = ((each["action"], each["resource_type"], each["outcome"]) for each in read)
        ended_at = [each["at"] for each, kind in zip(read, kinds, strict=True) if kind in ends]
        requested_at = [each["at"] for each in read if each["request_id"]]
        return {"request_at": _earliest(*requested_at), "deactivation_at": _earliest(*ended_at)}
    ended = Q(action__in=_ENDINGS, resource_type="User", outcome=done)
    early: dict[str, Any] = first.aggregate(
        request_at=Min("at", filter=~Q(request_id="")), deactivation_at=Min("at", filter=ended)
    )
    return early


_ENDINGS = (ProvisioningEvent.Action.DEACTIVATE, ProvisioningEvent.Action.DELETE)


def _in_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows as they were made, by the index on connection and key."""
    return rows.order_by("provider_id", "pk")


def _first(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), key=utc, default=None)


def _using() -> str:
    return get_settings().DATABASE
