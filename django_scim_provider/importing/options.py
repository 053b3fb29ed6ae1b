"""How an import goes about it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django_scim_provider.models.batches import BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the operator says; the defaults change as little as possible."""

    dry_run: bool = False
    """Only tell."""
    batch_size: int = BATCH
    """People of one transaction; a group is one by itself."""
    protected: Collection[str] = ()
    """The log-in names of staff and superusers who are imported as well."""
    manages_profile: bool = True
    """Does the connection write the names of these users? Not where another one does already."""
    made_here: bool = False
    """Do they count as users whom the connection made, who follow it in name and address?"""
    trust_unverified: bool = True
    """Is it enough that the source names the user? Else their address has to be proven."""
    keep_django_groups: bool = False
    """Is each group mapped to the Django group that it has been until now?"""
    progress: Callable[[int], None] | None = None
    """Called with how many rows are done, after each batch."""
