"""The documents of accounts and groups, as the statements that write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from django_scim_provider.models import (
    AccountDocument,
    GroupDocument,
    LinkedAccount,
    ProvisionedGroup,
)
from django_scim_provider.models.resources import AbstractDocument
from django_scim_provider.storage.sql.compiled import Insert, Update
from django_scim_provider.storage.sql.writes import Writes

_WRITTEN = ("last_modified", "folded")


@dataclass(slots=True, eq=False)
class Documents:
    """Writes the documents of one kind of resource, beside the rows of the resources.

    Both take the columns of the resource's own row, of which they pick what they need: ``id`` and
    ``provider`` of a new one, and what ``core.stored_text.stored_texts`` made of it.
    """

    model: type[AbstractDocument]
    update: Update = field(init=False)
    _insert: Insert = field(init=False)

    def __post_init__(self) -> None:
        self.update = Update(self.model, _WRITTEN)
        self._insert = Insert(self.model, (self._key, "provider", *_WRITTEN))

    @property
    def _key(self) -> str:
        return str(self.model._meta.pk.name)

    def insert(self, using: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store a document for each of the rows."""
        self._insert.run(using, [{**row, self._key: row["id"]} for row in rows])

    def add(self, writes: Writes, row: Mapping[str, Any]) -> None:
        """Add the document of a new row to what is written together with it."""
        writes.insert(self._insert, [{**row, self._key: row["id"]}])

    def read(self, using: str, rows: Sequence[models.Model]) -> None:
        """Read the documents of resources, by one query, so that ``document`` asks no more."""
        documents = self.model._base_manager.using(using)
        models.prefetch_related_objects(rows, models.Prefetch("document", documents))

    def mend(self, using: str, row: LinkedAccount | ProvisionedGroup, folded: str) -> None:
        """Store the document of a resource as it should be, whatever is there."""
        copied = {"provider_id": row.provider_id, "last_modified": row.last_modified}
        documents = self.model._base_manager.using(using)
        documents.update_or_create(pk=row.pk, defaults={**copied, "folded": folded})


account_documents = Documents(AccountDocument)
group_documents = Documents(GroupDocument)
