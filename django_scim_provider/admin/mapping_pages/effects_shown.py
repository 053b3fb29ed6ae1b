"""Who gains and who loses by a change of mappings: shown before, applied, and told after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractBaseUser, Group
from django.http import StreamingHttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from django_scim_provider.conf import get_settings
from django_scim_provider.insight.downloads import ACTIONS, Export, csv_answer
from django_scim_provider.models import ProviderConnection, RoleMapping
from django_scim_provider.storage.roles.effects import RoleEffect, RoleEffects, Side
from django_scim_provider.storage.roles.replay import reconcile_some_roles
from django_scim_provider.storage.roles.role_changes import Narrowing, RoleChanges
from django_scim_provider.storage.roles.targets import RoleTarget, target_of
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.transactions import hold_off_writes

LIMIT = 5000
"""People whose roles one request looks at, so that it ends before a proxy gives up."""
HEADER = ("change", "role", "user_name", "external_id", "scim_id", "user_id")


@dataclass(frozen=True, slots=True)
class EffectOfMapping:
    """What a change of one connection's mappings does."""

    connection: ProviderConnection
    narrowed: Narrowing
    found: RoleEffect

    @property
    def fingerprint(self) -> str:
        """Return what is sent back by who saw the effect: for this change, and no other."""
        mappings = self.narrowed.mappings or ()
        rows = sorted(
            f"{row.match_by} {row.attribute} {row.value} {target_of(row).key}" for row in mappings
        )
        parts = [self.connection.provider_id, *self.narrowed.keys, *rows, self.found.fingerprint]
        return salted_hmac(
            "django_scim_provider.mapping", "\n".join(parts), algorithm="sha256"
        ).hexdigest()

    @property
    def roles(self) -> str:
        """Return the names of the roles that are gained or lost."""
        return ", ".join(names_of_targets(self.narrowed.targets).values())

    @property
    def sides(self) -> list[tuple[str, Side]]:
        """Return who gains and who loses, where anybody does, each with its word."""
        both = ("gains", self.found.gains), ("loses", self.found.loses)
        return [(word, side) for word, side in both if side.count]

    @property
    def is_nothing(self) -> bool:
        """Tell whether nobody gains or loses anything."""
        return not self.found.gains.count and not self.found.loses.count

    def lines(self) -> Iterator[tuple[Any, ...]]:
        """Yield everybody whom it concerns, as ``HEADER`` names it."""
        names = names_of_targets(self.narrowed.targets)
        for each in RoleEffects(context_of(self.connection), self.narrowed).each():
            account = each.account
            yield (
                gettext("gains") if each.gains else gettext("loses"),
                names[each.target],
                each.name,
                account and account.external_id,
                account and account.scim_id,
                each.user.pk,
            )

    def as_csv(self, actor: AbstractBaseUser) -> StreamingHttpResponse:
        """Return everybody whom it concerns as a file."""
        export = Export(ACTIONS.EXPORT_ROLES, [self.connection.provider_id], actor)
        return csv_answer(f"roles-{self.connection.pk}", HEADER, self.lines(), export)


def effect_of(
    connection: ProviderConnection,
    *,
    before: RoleMapping | None = None,
    after: RoleMapping | None = None,
) -> EffectOfMapping:
    """Return what adding, changing or deleting a mapping does.

    ``before`` is the one that is stored, ``after`` the one that is to be.
    """
    removed = [] if before is None else [before]
    return effect_of_all(connection, removed, [] if after is None else [after])


def effect_of_all(
    connection: ProviderConnection,
    removed: Sequence[RoleMapping],
    added: Sequence[RoleMapping] = (),
) -> EffectOfMapping:
    """Return what it does to take some mappings of a connection away and to add others."""
    rows = RoleMapping.objects.using(get_settings().DATABASE)
    away = {row.pk for row in (*removed, *added)}
    kept = [row for row in rows.filter(provider=connection.provider_id) if row.pk not in away]
    targets = {target_of(row) for row in (*removed, *added)}
    ordered = sorted(targets, key=lambda target: target.key)
    narrowed = Narrowing(ordered, [*kept, *added])
    found = RoleEffects(context_of(connection), narrowed).summary()
    return EffectOfMapping(connection, narrowed, found)


def effects_of_deleting(mappings: Iterable[RoleMapping]) -> list[EffectOfMapping]:
    """Return what it does to delete mappings, for each of their connections."""
    chosen: dict[str, list[RoleMapping]] = {}
    for mapping in mappings:
        chosen.setdefault(str(mapping.provider_id), []).append(mapping)
    ordered = [rows for _, rows in sorted(chosen.items())]
    return [effect_of_all(rows[0].provider, rows) for rows in ordered]


def keep_writes_out(provider_id: str) -> None:
    """Let the writes of a connection end before its mappings change, and others begin after it.

    One beside it would go by the mappings of before, and ``apply`` would not see what it wrote:
    somebody would be left without the role, or with it. It holds until the transaction ends.
    """
    hold_off_writes(get_settings().DATABASE, provider_id)


def apply(effect: EffectOfMapping, *, actor: AbstractBaseUser) -> tuple[RoleChanges, str]:
    """Bring the roles in line with the mappings, which are stored by now.

    Returns what that did, and the address's query for the rest, where one request cannot do all.
    """
    return apply_some(effect.connection, effect.narrowed.targets, actor=actor)


def apply_some(
    connection: ProviderConnection,
    targets: Sequence[RoleTarget],
    *,
    actor: AbstractBaseUser,
    after: str = "",
) -> tuple[RoleChanges, str]:
    """Do so for as many as fit into a request, behind a position; return the same.

    Raises:
        ValueError, ValidationError: there is no such position.
    """
    changes, position = reconcile_some_roles(
        connection, Narrowing(targets), actor=actor, after=after, most=LIMIT
    )
    if not position:
        return changes, ""
    asked = [("provider", connection.provider_id), ("after", position)]
    return changes, urlencode([*asked, *(("target", target.key) for target in targets)])


def names_of_targets(targets: Sequence[RoleTarget]) -> dict[RoleTarget, str]:
    """Return what people call roles, by one statement at most."""
    keys = [target.django_group_id for target in targets if target.django_group_id is not None]
    groups: dict[Any, str] = {}
    if keys:
        rows = Group.objects.using(get_settings().DATABASE).filter(pk__in=keys)
        groups = dict(rows.values_list("pk", "name"))
    return {target: name_of(target, groups) for target in targets}


def name_of(target: RoleTarget, groups: dict[Any, str]) -> str:
    """Return what people call a role; ``groups`` are the names of Django groups."""
    if target.django_group_id is not None:
        return groups.get(target.django_group_id, str(target.django_group_id))
    return str(target.organization_role or target.project_role)
