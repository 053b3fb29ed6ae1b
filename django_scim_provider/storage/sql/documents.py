"""The documents of accounts and groups, as the statements that write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import models

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import (
    AccountDocument,
    GroupDocument,
    LinkedAccount,
    ProvisionedGroup,
)
from django_scim_provider.models.accounts import MAX_BEGINNING
from django_scim_provider.models.fields import CONNECTION_KEY
from django_scim_provider.models.resources import AbstractDocument
from django_scim_provider.storage.sql.statements.compiled_writes import Insert, Update
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.sql.vendors import vendor_of


@dataclass(slots=True, eq=False)
class Documents:
    """Writes the documents of one kind of resource, beside the rows of the resources.

    All take the columns of the resource's own row, of which they pick what they need: ``id`` and
    ``provider`` of a new one, and what ``core.stored_text.stored_texts`` made of it.
    """

    model: type[AbstractDocument]
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The columns that hold the beginnings of texts, and where these stand in the document."""
    _update: Update = field(init=False)
    _insert: Insert = field(init=False)

    def __post_init__(self) -> None:
        written = ("last_modified", "folded", *self.keys)
        self._update = Update(self.model, written)
        self._insert = Insert(self.model, (self._key, "provider", *written))

    @property
    def _key(self) -> str:
        return str(self.model._meta.pk.name)

    def insert(self, using: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store a document for each of the rows."""
        self._insert.run(using, [self._new(using, row) for row in rows])

    def add(self, writes: Writes, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add the documents of new rows to what is written together with them."""
        writes.insert(self._insert, [self._new(writes.using, row) for row in rows])

    def change(self, writes: Writes, key: Any, provider_id: str, values: Mapping[str, Any]) -> None:
        """Add the new document of a row to what is written together with it."""
        made = self.columns(writes.using, provider_id, values["folded"])
        writes.update(self._update, key, {**values, **made})

    def _new(self, using: str, row: Mapping[str, Any]) -> Mapping[str, Any]:
        made = self.columns(using, row["provider"], row["folded"])
        return {**row, **made, self._key: row["id"]}

    def columns(self, using: str, provider_id: str, folded: str) -> dict[str, Any]:
        """Return the columns that follow from a folded document, which is one of them."""
        made: dict[str, Any] = {"folded": folded}
        if self.keys:
            document = orjson.loads(folded)
            made |= {name: _beginning(document, path) for name, path in self.keys.items()}
        if vendor_of(using).contains_documents:
            own = orjson.dumps({CONNECTION_KEY: provider_id}).decode()
            made["folded"] = own if folded == "{}" else f"{own[:-1]},{folded[1:]}"
        return made

    def read(self, using: str, rows: Sequence[models.Model]) -> None:
        """Read the documents of resources, by one query, so that ``document`` asks no more."""
        documents = self.model._base_manager.using(using)
        models.prefetch_related_objects(rows, models.Prefetch("document", documents))

    def is_due(
        self, row: LinkedAccount | ProvisionedGroup, document: AbstractDocument, folded: str
    ) -> bool:
        """Tell whether a document is as ``columns`` would have it."""
        due = self.columns(str(row._state.db), row.provider_id, folded)
        wanted, is_text = due.pop("folded"), document.folded
        if any(getattr(document, name) != value for name, value in due.items()):
            return False
        try:  # it may be broken, and databases order keys as they like
            return bool(orjson.loads(is_text) == orjson.loads(wanted))
        except ValueError:
            return False

    def mend(self, using: str, row: LinkedAccount | ProvisionedGroup, folded: str) -> None:
        """Store the document of a resource as it should be, whatever is there."""
        made = self.columns(using, row.provider_id, folded)
        copied = {"provider_id": row.provider_id, "last_modified": row.last_modified}
        documents = self.model._base_manager.using(using)
        # Not ``update_or_create``, whose lock would keep out rows that refer to the document's.
        if not documents.filter(pk=row.pk).update(**copied, **made):
            documents.create(**{str(self.model._meta.pk.attname): row.pk}, **copied, **made)


def _beginning(document: Resource, path: Sequence[str]) -> str | None:
    """Return the beginning of a text; None for what is none, such as a number of an old schema."""
    held: Any = document
    for name in path:
        held = held.get(name) if isinstance(held, dict) else None
    return held[:MAX_BEGINNING] if isinstance(held, str) else None


account_documents = Documents(
    AccountDocument,
    {
        "family_name_key": ("name", "familyName"),
        "given_name_key": ("name", "givenName"),
        "display_name_key": ("displayName",),
    },
)
group_documents = Documents(GroupDocument)
