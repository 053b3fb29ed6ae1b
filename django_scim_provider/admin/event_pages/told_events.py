"""Events in words with the names of today, by statements for all of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.admin.sites import AdminSite
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from django_scim_provider.admin.console.navigation import page_address
from django_scim_provider.admin.event_pages.event_words import shortened
from django_scim_provider.admin.failure_pages.lines import Named
from django_scim_provider.admin.mapping_pages.mapping_words import group_in_words
from django_scim_provider.conf import get_settings
from django_scim_provider.insight.inbox import failures_of
from django_scim_provider.insight.mapping_states import mapping_states
from django_scim_provider.models import (
    Failure,
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    RoleMapping,
    SCIMToken,
)
from django_scim_provider.models.connection_profiles import profile_titles
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.failures.identities import identity_of

Ids = tuple[str, str, str]
"""Connection, resource type, and SCIM id or key."""
OF_TOKENS = ("generate_token", "revoke_token")
"""Actions whose token is what they are about, and not who did it."""
_SHOWN = {"User": (LinkedAccount, "user_name"), "Group": (ProvisionedGroup, "display_name")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent:
    """Whom an event is about, who did it, and where to read on, as its reader may see it."""

    who: Named
    is_gone: bool
    """Was there a resource, and is it not there any more?"""
    by: Named
    connection: Named
    failure: Named | None
    """The line of the failures that a refusal belongs to."""


@dataclass(slots=True)
class EventTeller:
    """Names what the events of a page are about; each kind is looked up once."""

    request: HttpRequest
    site: AdminSite
    resources: dict[Ids, Named] = field(default_factory=dict)
    tokens: dict[UUID, SCIMToken] = field(default_factory=dict)
    actors: dict[str, Named] = field(default_factory=dict)
    failures: Mapping[UUID, Failure] = field(default_factory=dict)

    def tell(self, events: Sequence[ProvisioningEvent]) -> None:
        """Give each event a ``told``; their connections have been read."""
        self._find(events)
        for event in events:
            event.told = self._told(event)  # type: ignore[attr-defined]  # for the row

    def sees(self, model: type[Model]) -> bool:
        """Tell whether the reader may look at the rows of a model at all."""
        if self.site.is_registered(model):
            return bool(self.site.get_model_admin(model).has_view_permission(self.request))
        meta = model._meta
        return self.request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}")

    def address(self, model: type[Model], key: Any) -> str:
        """Return the address of a page, empty where there is none that the reader may open."""
        if not (self.site.is_registered(model) and self.sees(model)):
            return ""
        return page_address(self.site, model, key)

    def _find(self, events: Sequence[ProvisioningEvent]) -> None:
        using = get_settings().DATABASE
        named: dict[str, set[tuple[str, str]]] = {}
        for event in events:
            if event.resource_id:
                own = named.setdefault(event.resource_type, set())
                own.add((str(event.provider_id), event.resource_id))
        for kind, ids in named.items():
            self.resources |= self._resources(using, kind, ids)
        keys = {event.token_id for event in events if event.token_id is not None}
        if keys:
            self.tokens = SCIMToken.objects.using(using).defer("secret").in_bulk(keys)
        people = {event.actor_id for event in events if event.actor_id is not None}
        if people:
            model = get_user_model()
            found = model._base_manager.using(using).filter(pk__in=people)
            self.actors = {
                str(user.pk): Named(user.get_username(), self.address(model, user.pk))
                for user in found
            }
        self.failures = failures_of(events) if self.sees(Failure) else {}

    def _resources(self, using: str, kind: str, ids: set[tuple[str, str]]) -> dict[Ids, Named]:
        """Return those that are there, by one statement; another connection may have the same."""
        if kind == RoleMapping.__name__:
            return self._mappings(using, ids)
        model: type[Model] | None = get_registry().models().get(kind)
        if model is None:
            return {}
        shown = _SHOWN[kind][1] if kind in _SHOWN and model is _SHOWN[kind][0] else "scim_id"
        connections, wanted = (set(each) for each in zip(*ids, strict=True))
        rows = model._default_manager.using(using).filter(provider__in=connections)
        rows = rows.filter(scim_id__in=wanted).order_by()
        return {
            (str(provider), kind, str(id)): self._resource(model, kind, key, str(text))
            for provider, id, key, text in rows.values_list("provider_id", "scim_id", "pk", shown)
        }

    def _mappings(self, using: str, ids: set[tuple[str, str]]) -> dict[Ids, Named]:
        """Return mappings by whom they are about, as their list calls them."""
        rows = list(
            RoleMapping.objects.using(using)
            .filter(pk__in={key for _, key in ids})
            .select_related("provider", "django_group")
        )
        states, sees_groups = mapping_states(rows), self.sees(ProvisionedGroup)
        found = {}
        for row in rows:
            row.state = states[row.pk]  # type: ignore[attr-defined]  # for ``state_of``
            text = group_in_words(row, sees_groups=sees_groups)
            key = (str(row.provider_id), RoleMapping.__name__, str(row.pk))
            found[key] = self._resource(RoleMapping, key[1], row.pk, text)
        return found

    def _resource(self, model: type[Model], kind: str, key: Any, text: str) -> Named:
        if not self.sees(model):
            return Named(_a(kind))
        return Named(text, self.address(model, key))

    def _told(self, event: ProvisioningEvent) -> ToldEvent:
        failure = self.failures.get(event.pk)
        connection = Named(str(event.provider), self.address(ProviderConnection, event.provider.pk))
        who, is_gone = self._who(event, failure, connection)
        return ToldEvent(
            who=who,
            is_gone=is_gone,
            by=self._by(event),
            connection=connection,
            failure=None if failure is None else self._failure(event, failure),
        )

    def _who(
        self, event: ProvisioningEvent, failure: Failure | None, connection: Named
    ) -> tuple[Named, bool]:
        if event.resource_id:
            key = str(event.provider_id), event.resource_type, event.resource_id
            found = self.resources.get(key)
            return (found, False) if found is not None else (Named(_gone(event)), True)
        if event.token_id is not None and event.action in OF_TOKENS:
            token = self._token(event.token_id)
            return (token, False) if token is not None else (Named(gettext("a token")), True)
        if not event.resource_type:
            return connection, False
        identity = None if failure is None else identity_of(failure)
        if identity is not None and self.sees(LinkedAccount):
            return Named(identity.name or identity.external_id), False
        return Named(_a(event.resource_type)), False

    def _by(self, event: ProvisioningEvent) -> Named:
        if event.token_id is not None and event.action not in OF_TOKENS:
            product = str(profile_titles().get(event.provider.profile, event.provider.profile))
            token = self._token(event.token_id)
            text = product if token is None else f"{product} · {token.text}"
            return Named(text, "" if token is None else token.address)
        if event.actor_id is not None:
            return self.actors.get(str(event.actor_id), Named(gettext("somebody who is gone")))
        return Named(gettext("the project itself"))

    def _token(self, key: UUID) -> Named | None:
        token = self.tokens.get(key)
        if token is None:
            return None
        return Named(token.label or f"{token.lookup}…", self.address(SCIMToken, token.pk))

    def _failure(self, event: ProvisioningEvent, failure: Failure) -> Named:
        text = failure.attribute or gettext("why")
        if not self.address(ProviderConnection, event.provider.pk):
            return Named(text)
        name = "admin:scim_provider_providerconnection_failures"
        address = reverse(name, args=[quote(event.provider.pk)], current_app=self.site.name)
        asked = urlencode({"q": failure.pk, "state": failure.state, "period": "all"})
        return Named(text, f"{address}?{asked}")


def _a(kind: str) -> str:
    """Return what a resource is called whose name is not told."""
    known = {"User": gettext("a person"), "Group": gettext("a group")}
    return known.get(kind, kind)


def _gone(event: ProvisioningEvent) -> str:
    """Return what a resource is called that is not there: deleted, or never was."""
    id = shortened(event.resource_id)
    if event.outcome != ProvisioningEvent.Outcome.DONE:
        known = {"User": gettext("unknown person %s"), "Group": gettext("unknown group %s")}
    else:
        known = {"User": gettext("deleted person %s"), "Group": gettext("deleted group %s")}
    if event.resource_type not in known:
        return f"{event.resource_type} {id}"
    return known[event.resource_type] % id
