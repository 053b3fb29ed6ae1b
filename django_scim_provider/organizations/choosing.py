"""What backends may tell beside the protocol, so that people choose instead of typing ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from django_scim_provider.organizations.backends import get_organization_backend


class ChoosingBackend(Protocol):
    """Methods that a backend may have beside those of ``OrganizationBackend``.

    Each is one statement at most, whatever the number of organizations.
    """

    def search_organizations(self, text: str, limit: int) -> Mapping[str, str] | None:
        """Return what people call active organizations that a text finds, by their ids, in order.

        ``limit`` is how many at most; an empty text finds the first of all. None: nobody can tell,
        and ids are typed.
        """

    def offered_roles(self, organization_ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return the roles that ``grant_role`` can give, by the organization.

        One that is left out: nobody can tell, and roles are typed.
        """

    def active_among(self, organization_ids: Collection[str]) -> Collection[str]:
        """Return which of the organizations there are, and are not deactivated."""


def can_search(*, using: str) -> bool:
    """Tell whether organizations can be chosen by their names."""
    return searched("", 1, using=using) is not None


def searched(text: str, limit: int, *, using: str) -> Mapping[str, str] | None:
    """Return the names of organizations that a text finds, by their ids; None: nobody can tell."""
    backend: Any = get_organization_backend(using=using)
    search = getattr(backend, "search_organizations", None)
    found: Mapping[str, str] | None = None if search is None else search(text, limit)
    return found


def roles_offered(
    organization_ids: Iterable[str | None], *, using: str
) -> Mapping[str, Sequence[str]]:
    """Return the roles that can be given, by the organization, as far as the backend tells.

    Without a backend there are none.
    """
    ids = _asked(organization_ids)
    backend: Any = get_organization_backend(using=using)
    if backend is None:
        return dict.fromkeys(ids, ())
    offer = getattr(backend, "offered_roles", None)
    found: Mapping[str, Sequence[str]] = {} if offer is None or not ids else offer(ids)
    return found


def gone_among(organization_ids: Iterable[str | None], *, using: str) -> frozenset[str]:
    """Return which organizations the project does not know, or has deactivated.

    The set is empty where its backend cannot say so of many at once.
    """
    ids = _asked(organization_ids)
    backend: Any = get_organization_backend(using=using)
    among = getattr(backend, "active_among", None)
    return frozenset() if among is None or not ids else frozenset(ids) - frozenset(among(ids))


def _asked(organization_ids: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(str(id) for id in organization_ids if id is not None))
