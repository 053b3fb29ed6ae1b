"""An organization backend that can search."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django_scim_provider.organizations import MembershipModelBackend

NAMES = {"corp-1": "Acme GmbH", "corp-2": "Globex"}


class SearchingBackend(MembershipModelBackend):
    """Knows the names of two organizations."""

    def display_names(self, organization_ids: Collection[str]) -> Mapping[str, str]:
        return {id: name for id, name in NAMES.items() if id in organization_ids}

    def search_organizations(self, text: str, limit: int) -> Mapping[str, str]:
        found = {id: name for id, name in NAMES.items() if text.casefold() in name.casefold()}
        return dict(list(found.items())[:limit])
