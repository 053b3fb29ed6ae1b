"""The lines of the page of failures, as one reader may see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.sites import AdminSite
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext

from django_scim_provider.admin.console.navigation import list_address, page_address
from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS
from django_scim_provider.admin.failure_pages.remedies import switch_for, told_what_to_do
from django_scim_provider.core.profiles import Profile
from django_scim_provider.insight.inbox import People, what_fails
from django_scim_provider.models import (
    Failure,
    LinkedAccount,
    ProvisionedGroup,
    ProvisioningEvent,
)
from django_scim_provider.storage.failures.identities import Identity, identity_of

FAILURE = "failure"
"""The parameter by which the list of events shows those of one failure."""
SHORT = 8
"""Characters of a request id that are shown."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something with a page in the admin, where the reader may open it."""

    text: str
    address: str = ""

    @property
    def link(self) -> str:
        """Return the text, as a link where there is a page to open."""
        if not self.address:
            return self.text
        return format_html('<a href="{}">{}</a>', self.address, self.text)


@dataclass(slots=True, kw_only=True)
class Line:
    """A failure, and what can be done about it."""

    failure: Failure
    who: Named | None
    """The account or group that the request named."""
    identity: Identity | None
    hides_identity: bool
    """Is there one that the reader may not see?"""
    what: Any
    holder: Named | None
    """The account or group of the connection that has the value."""
    is_away: bool
    """Is that account out of use?"""
    user: Named | None
    """The user of the project who has it, and is not of the connection."""
    collides_with_user: bool
    advice: Any
    switch: str | None
    request_short: str
    events: str = ""
    request_field: str = ""
    """The id of the field that holds the request id, to be copied."""
    note: Any = ""
    """Why what would help is not offered."""
    offers: list[tuple[str, Any]] = field(default_factory=list)
    """What the reader can do on a page that asks first: its name, and the text of the button."""


class Lines:
    """Makes the lines of a page for its reader."""

    def __init__(self, request: HttpRequest, site: AdminSite, profile: Profile) -> None:
        self.site = site
        self.profile = profile
        self.has = request.user.has_perm
        meta = get_user_model()._meta
        self.sees_accounts = self.has(VIEW_ACCOUNTS)
        self.sees_groups = self.has("scim_provider.view_provisionedgroup")
        self.sees_users = self.has(f"{meta.app_label}.view_{meta.model_name}")
        self.sees_events = self.has("scim_provider.view_provisioningevent")

    def line(self, failure: Failure, people: People) -> Line:
        """Return the line of a failure."""
        identity = identity_of(failure)
        user, is_away = people.user_in_the_way(failure), people.is_away(failure)
        return Line(
            failure=failure,
            who=self._resource(people.about(failure)),
            identity=identity if self.sees_accounts else None,
            hides_identity=identity is not None and not self.sees_accounts,
            what=what_fails(failure),
            holder=self._resource(people.in_the_way(failure)),
            is_away=is_away,
            user=self._user(user),
            collides_with_user=user is not None,
            advice=told_what_to_do(failure, is_away=is_away),
            switch=switch_for(failure, self.profile),
            request_short=failure.last_request_id[:SHORT],
            request_field=f"scim-request-{failure.pk}",
            events=self._events(failure),
        )

    def _resource(self, found: LinkedAccount | ProvisionedGroup | None) -> Named | None:
        if found is None:
            return None
        is_account = isinstance(found, LinkedAccount)
        if not (self.sees_accounts if is_account else self.sees_groups):
            return Named(gettext("an account") if is_account else gettext("a group"))
        return Named(str(found), page_address(self.site, type(found), found.pk))

    def _user(self, user: Any) -> Named | None:
        """Name a user of the project to those alone who may see both users and accounts."""
        if user is None or not (self.sees_users and self.sees_accounts):
            return None
        return Named(user.get_username(), page_address(self.site, type(user), user.pk))

    def _events(self, failure: Failure) -> str:
        if not self.sees_events:
            return ""
        of_failure = {FAILURE: failure.pk}
        return list_address(self.site, ProvisioningEvent, str(failure.provider_id), **of_failure)
