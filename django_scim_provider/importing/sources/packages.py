"""What sources that are other packages have in common: whom they read, and how they are asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.importing.records import ImportedGroup, ImportedPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which rows of a package are imported."""

    using: str
    """The alias of the database."""
    queryset: str | None = None
    """Dotted path of a function that returns users; None for all of them."""
    group_queryset: str | None = None
    """The same for groups."""
    members: str = "user_set"
    """The attribute of a group that has its users."""
    with_groups: bool = True


class PackageSource(ABC):
    """People and groups of a project that has a package, or had it."""

    @abstractmethod
    def people(self) -> Iterator[ImportedPerson]:
        """Yield everybody whom the package provisioned."""

    @abstractmethod
    def groups(self) -> Iterator[ImportedGroup]:
        """Yield its groups, with the keys of their users."""

    @abstractmethod
    def counts(self) -> tuple[int, int]:
        """Return how many users and groups are looked at."""


def shown_by(package: str, ask: Callable[[], Resource]) -> tuple[Resource, str]:
    """Return what the adapter of a package shows; nothing, and why, where it raises.

    It is code of the project's, which may raise anything.
    """
    try:
        return ask(), ""
    except Exception as error:
        text = _("the adapter of %(package)s raised %(error)s")
        return {}, text % {"package": package, "error": type(error).__name__}
