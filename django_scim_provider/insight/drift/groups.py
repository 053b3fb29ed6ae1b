"""Groups: the columns that follow from the resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet

from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.core.stored_text import content, folded_document
from django_scim_provider.insight.drift.differences import compare_group
from django_scim_provider.insight.drift.findings import Divergence
from django_scim_provider.insight.drift.repair import attempt, told
from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.models.batches import next_keys
from django_scim_provider.storage.groups.group_rows import group_keys
from django_scim_provider.storage.resource_ids import parse_id
from django_scim_provider.storage.sql.documents import group_documents
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import locked


class Groups:
    """The columns of groups. They come first, since mappings depend on them."""

    name = "groups"

    def __init__(self, context: StoreContext, group_type: ResourceType) -> None:
        self.context = context
        self.group_type = group_type

    @property
    def _rows(self) -> QuerySet[ProvisionedGroup]:
        return ProvisionedGroup.objects.using(self.context.using).of(self.context.provider_id)

    def total(self) -> int:
        """Return how many groups there are."""
        return self._rows.count()

    def keys(self, after: Any, size: int) -> list[Any]:
        """Return the ids of the next groups."""
        return next_keys(self._rows, "pk", after, size)

    def parse(self, text: str) -> UUID | None:
        """Return a group's id."""
        return parse_id(text)

    def find(self, keys: Sequence[Any]) -> list[Divergence]:
        """Return what differs."""
        return self._found(self._rows.filter(pk__in=keys).order_by("pk"))

    def _found(self, groups: QuerySet[ProvisionedGroup]) -> list[Divergence]:
        found, rows = [], list(groups)
        group_documents.read(self.context.using, rows)
        for group in rows:
            if differences := compare_group(group, self.group_type):
                found.append(
                    Divergence(
                        key=group.pk,
                        resource_type=self.group_type.name,
                        resource_id=group.scim_id,
                        differences=tuple(differences),
                    )
                )
        return found

    def repair(self, keys: Sequence[Any]) -> list[Divergence]:
        """Write the columns; the version stays."""
        rows = locked(self._rows.filter(pk__in=keys).order_by("pk"))
        found = self._found(rows)
        return [self._mend(finding) if finding.is_drift else finding for finding in found]

    def _mend(self, finding: Divergence) -> Divergence:
        rows = self._rows.filter(pk=finding.key)

        def work() -> None:
            group = rows.get()
            folded = orjson.dumps(folded_document(group.resource, self.group_type)).decode()
            rows.update(**group_keys(content(group.resource)))
            group_documents.mend(self.context.using, group, folded)

        error = attempt(self.context.using, finding.resource_id, work)
        return told(self.context, finding, error)
