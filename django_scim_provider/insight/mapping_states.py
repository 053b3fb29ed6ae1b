"""What of a mapping does not exist: the group, the attribute, the role, the organization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.adapter import get_adapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.adapter.user_fields import mapping_of
from django_scim_provider.conf import get_settings
from django_scim_provider.models import ProvisionedGroup, RoleMapping
from django_scim_provider.organizations.choosing import gone_among, roles_offered
from django_scim_provider.storage.roles.attribute_sources import value_of
from django_scim_provider.storage.roles.targets import named_by
from django_scim_provider.storage.store_context import context_of

MOST_GROUPS = 1000
"""Groups that are read for the mappings of a page."""


class MappingTrouble(StrEnum):
    """Why a mapping gives nobody anything."""

    WAITS = "waits"
    GROUP_GONE = "group_gone"
    ATTRIBUTE_GONE = "attribute_gone"
    ROLE_GONE = "role_gone"
    NO_ORGANIZATION = "no_organization"


TROUBLES: Mapping[MappingTrouble, Any] = {
    MappingTrouble.WAITS: _(
        "The identity provider has pushed no group of this name. The mapping waits for one."
    ),
    MappingTrouble.GROUP_GONE: _(
        "The identity provider has deleted the group, or has never pushed it. Map the group that "
        "takes its place."
    ),
    MappingTrouble.ATTRIBUTE_GONE: _(
        "People have no such attribute any more: this project has changed its extensions, or keeps "
        "the attribute itself."
    ),
    MappingTrouble.ROLE_GONE: _("There is no such role any more. Choose another one."),
    MappingTrouble.NO_ORGANIZATION: _(
        "The organization of the connection does not exist, or is not active."
    ),
}
"""What to say of each."""


@dataclass(frozen=True, slots=True)
class MappingState:
    """The groups that a mapping stands for now, and what is wrong with it."""

    groups: Sequence[ProvisionedGroup]
    troubles: Sequence[MappingTrouble]

    @property
    def sentences(self) -> list[str]:
        """Return what is wrong, in words."""
        return [str(TROUBLES[trouble]) for trouble in self.troubles]


def mapping_states(mappings: Sequence[RoleMapping]) -> dict[Any, MappingState]:
    """Return the state of each mapping by its key.

    The connections are read already (``select_related``). A fixed number of statements: one for
    each way to name groups, and two of the organization backend's.
    """
    using = get_settings().DATABASE
    groups = _groups(mappings, using)
    of_roles = [mapping for mapping in mappings if mapping.organization_role is not None]
    ids = [mapping.provider.organization_id for mapping in of_roles]
    offered, gone = roles_offered(ids, using=using), gone_among(ids, using=using)
    no_connection = ProvisioningContext(provider_id="", using=using)
    own_roles = set(get_adapter(no_connection).roles())
    found = {}
    for mapping in mappings:
        its_groups: list[ProvisionedGroup] = []
        if mapping.is_of_groups:
            its_groups = groups.get((str(mapping.provider_id), *named_by(mapping)), [])
        troubles = _missing(mapping, its_groups)
        id = str(mapping.provider.organization_id)
        if mapping.organization_role is not None:
            if id in gone:
                troubles.append(MappingTrouble.NO_ORGANIZATION)
            elif mapping.organization_role not in offered.get(id, [mapping.organization_role]):
                troubles.append(MappingTrouble.ROLE_GONE)
        elif mapping.project_role is not None and mapping.project_role not in own_roles:
            troubles.append(MappingTrouble.ROLE_GONE)
        found[mapping.pk] = MappingState(its_groups, troubles)
    return found


def _missing(mapping: RoleMapping, groups: Sequence[ProvisionedGroup]) -> list[MappingTrouble]:
    if mapping.match_by == RoleMapping.MatchBy.ATTRIBUTE:
        adapter = get_adapter(context_of(mapping.provider).for_project())
        found = value_of(mapping.attribute, mapping.value, mapping_of(adapter))
        return [MappingTrouble.ATTRIBUTE_GONE] if found is None else []
    if groups or not mapping.is_of_groups:
        return []
    by_name = mapping.match_by == RoleMapping.MatchBy.DISPLAY_NAME
    return [MappingTrouble.WAITS if by_name else MappingTrouble.GROUP_GONE]


def _groups(
    mappings: Sequence[RoleMapping], using: str
) -> dict[tuple[str, str, str], list[ProvisionedGroup]]:
    """Return the groups by connection, column and value."""
    named: dict[str, set[tuple[str, str]]] = {}
    for mapping in mappings:
        if not mapping.is_of_groups:
            continue
        column, value = named_by(mapping)
        named.setdefault(column, set()).add((str(mapping.provider_id), value))
    found: dict[tuple[str, str, str], list[ProvisionedGroup]] = {}
    for column, pairs in sorted(named.items()):
        connections, values = (list(set(each)) for each in zip(*pairs, strict=True))
        rows = ProvisionedGroup.objects.using(using).filter(provider__in=connections)
        rows = rows.filter(**{f"{column}__in": values}).defer("resource").order_by("pk")
        for group in rows[:MOST_GROUPS]:
            pair = str(group.provider_id), getattr(group, column)
            if pair in pairs:
                found.setdefault((pair[0], column, pair[1]), []).append(group)
    return found
