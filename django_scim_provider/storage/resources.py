"""The store of a resource type of the project's own, over a model of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, ProtectedError, QuerySet, RestrictedError
from django.utils.translation import override

from django_scim_provider.core.changes import attribute_names, changed_names
from django_scim_provider.core.errors import (
    Collision,
    InvalidValue,
    ProtectedResource,
    Uniqueness,
)
from django_scim_provider.core.folding import fold_date
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import content, stored_texts
from django_scim_provider.core.stores import Change, Page, Query, Stored
from django_scim_provider.core.validation.lengths import refuse_long, refuse_long_key
from django_scim_provider.models import AbstractResource
from django_scim_provider.models.fields import FoldedKeyField
from django_scim_provider.models.moments import as_held, utc
from django_scim_provider.storage.by_scim_id import id_for, to_lock, with_id
from django_scim_provider.storage.connection_gate import hold_open
from django_scim_provider.storage.events import record_change
from django_scim_provider.storage.portable import pages as portable
from django_scim_provider.storage.portable.listings import listed_rows
from django_scim_provider.storage.resource_columns import columns_of
from django_scim_provider.storage.sql.large_pages import completed
from django_scim_provider.storage.sql.paging import page
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.transactions import locked, savepoint, settling_conflicts
from django_scim_provider.storage.unique_index import UniqueIndex
from django_scim_provider.storage.write_methods import transactional


class ModelStore:
    """Implements ``ResourceStore`` for a subclass of ``AbstractResource``; subclasses say which.

    Rows are saved and deleted by the model, so its own signals are sent, inside the transaction.
    """

    supports_sort: ClassVar[bool] = True
    relation: ClassVar[str | None] = None
    patch_returns_resource: ClassVar[bool] = True

    model: ClassVar[type[AbstractResource]]
    fields: ClassVar[Mapping[str, str]] = {}
    """Which core attributes are written to which fields of the model."""
    columns: ClassVar[Mapping[str, str]] = {}
    """Which fields answer filters and sorting, by the path of the attribute that they hold, such as
    ``name.familyName``; with an index of theirs, by it. Texts that are ``caseExact`` need an
    ``ExactCharField``, others a ``FoldedKeyField``; whatever need not have a value ``null=True``.
    System check ``scim_provider.E011`` says what does not fit."""

    def __init__(self, context: StoreContext, resource_type: ResourceType) -> None:
        self.context = context
        self.using = context.using
        self.resource_type = resource_type

    @property
    def rows(self) -> QuerySet[Any]:
        """Return the rows of this connection, the only ones that the store ever touches."""
        own: dict[str, Any] = {"provider_id": self.context.provider_id}
        return self.model._default_manager.using(self.using).filter(**own)

    @property
    def unique_index(self) -> UniqueIndex:
        """Return who has which values; rows that the project hides keep theirs."""
        own: dict[str, Any] = {"provider_id": self.context.provider_id}
        return UniqueIndex(
            context=self.context,
            resource_type=self.resource_type,
            resources=lambda: self.model._base_manager.using(self.using).filter(**own),
            in_sight=lambda id: with_id(self.rows, id).exists(),
        )

    def values(self, resource: Resource) -> dict[str, Any]:
        """Return the fields of the model that follow from a resource, for subclasses to extend.

        Raises:
            SCIMError: the project refuses the resource; nothing is stored.
        """
        found = {}
        for attribute, name in self.fields.items():
            field: Any = self.model._meta.get_field(name)
            value = resource.get(attribute)
            if value is None or (value == "" and field.null):  # both are unassigned
                value = None if field.null else field.get_default()
            found[field.attname] = value
        return found

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the resource with that id, or None."""
        row = with_id(self.rows, id).values_list("resource", "version").first()
        return None if row is None else Stored(id, row[1], row[0])

    def query(self, query: Query) -> Page:
        """Return one page of the resources that match."""
        store: Any = type(self)  # for mypy, a class is not hashable where its instances are
        columns = columns_of(store, self.resource_type)
        if vendor_of(self.using).orm_only:
            found = portable.page(listed_rows(self.rows, columns.columns), query)
        else:
            found = page(self.rows, query, columns)
        return completed(found, lambda: self.rows, None)

    @transactional
    def create(self, resource: Resource, *, scim_id: str | None = None) -> tuple[Stored, bool]:
        """Store a new resource.

        ``scim_id`` is for importers alone: the id by which an identity provider knows the resource
        from another implementation.

        Raises:
            Uniqueness: the value of a unique field, or the ``scim_id``, is taken.
            InvalidValue: a value does not fit its field; or the ``scim_id`` is none that a resource
                may have; see ``core.validation.scim_ids``.
        """
        own: dict[str, Any] = {"provider_id": self.context.provider_id}
        hold_open(self.context)
        now = now_after()
        row = self.model(created_at=now, last_modified=now, **own)
        row.scim_id = id_for(row.pk, scim_id, self.rows)
        self._fill(row, resource)
        self._save(row, force_insert=True)
        self.unique_index.claim(row.pk, resource)
        self._record_event("create", row.scim_id, attribute_names(resource), status=201)
        return Stored(row.scim_id, row.version, row.resource), True

    @transactional
    def update(self, id: str, change: Change) -> Stored | None:
        """Lock the resource, apply the change, and store what differs; raises as ``create``."""
        row = self._locked(id)
        if row is None:
            return None
        before = content(row.resource)
        resource = change(Stored(id, row.version, row.resource))
        for name in ("id", "meta"):
            resource.pop(name, None)
        if resource != before:
            row.version += 1
            row.last_modified = now_after(row.last_modified)
            self._fill(row, resource)
            self._save(row)
            self.unique_index.claim(row.pk, resource, before)
            self._record_event("update", id, changed_names(before, resource))
        return Stored(id, row.version, row.resource)

    @transactional
    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Delete the resource.

        Raises:
            ProtectedResource: something else of the project needs it.
        """
        row = self._locked(id)
        if row is None:
            return False
        check(Stored(id, row.version, row.resource))
        self.unique_index.release(row.pk)
        try:
            row.delete(using=self.using)
        except (ProtectedError, RestrictedError) as error:
            raise ProtectedResource("The resource is in use and cannot be deleted.") from error
        self._record_event("delete", id, (), status=204)
        return True

    def _locked(self, id: str) -> AbstractResource | None:
        hold_open(self.context)
        row: AbstractResource | None = locked(to_lock(self.rows, id)).first()
        return row

    def _fill(self, row: AbstractResource, resource: Resource) -> None:
        row.external_id = resource.get("externalId")
        attributes = {field: attribute for attribute, field in self.fields.items()}
        for name, value in self.values(resource).items():
            setattr(row, name, self._fitting(row, name, value, attributes.get(name, name)))
        self._refuse_long_keys(row, attributes)
        texts = stored_texts(
            resource,
            self.resource_type,
            id=row.scim_id,
            version=row.version,
            created=utc(row.created_at),
            last_modified=utc(row.last_modified),
        )
        row.resource, row.folded = texts["resource"], texts["folded"]

    def _fitting(self, row: AbstractResource, name: str, value: Any, attribute: str) -> Any:
        """Return a value as its field has it.

        Raises:
            InvalidValue: it does not fit; or there is none, and the field needs one.
        """
        field: Any = self.model._meta.get_field(name)
        if value is None and not field.null:
            raise InvalidValue(f"{attribute} is required.")
        if value is None or value == "":
            return value
        if isinstance(field, DateTimeField) and isinstance(value, str):
            value = _moment(value)
        if isinstance(value, str) and field.max_length is not None:
            refuse_long(value, field.max_length, attribute, is_folded=False)
        try:
            return field.clean(value, row)
        except ValidationError as error:
            with override("en"):  # SCIM's sentences are English, whatever the project speaks
                problem = " ".join(error.messages)
            raise InvalidValue(f"{attribute}: {problem}") from error

    def _refuse_long_keys(self, row: AbstractResource, attributes: Mapping[str, str]) -> None:
        """Refuse what fits its field and not, folded, the key: a letter may become several.

        Raises:
            InvalidValue: naming the attribute.
        """
        for field in self.model._meta.concrete_fields:
            if (
                isinstance(field, FoldedKeyField)
                and field.max_length
                and (key := field.key_of(row))
            ):
                told = attributes.get(field.source, field.source)
                refuse_long_key(getattr(row, field.source), key, field.max_length, told)

    def _save(self, row: AbstractResource, *, force_insert: bool = False) -> None:
        if not vendor_of(self.using).has_savepoints:
            for field in self.model._meta.concrete_fields:
                if isinstance(field, FoldedKeyField):
                    field.pre_save(row, force_insert)
            self._refuse_taken(row)
            row.save(using=self.using, force_insert=force_insert)
            return

        def save() -> bool:
            with savepoint(self.using):
                row.save(using=self.using, force_insert=force_insert)
            return True

        settling_conflicts(save, partial(self._refuse_taken, row))

    def _refuse_taken(self, row: AbstractResource) -> None:
        """Raise where another row has a value that is unique, in the connection or to all.

        Raises:
            Uniqueness: naming the attribute.
        """
        attributes = {name: attribute for attribute, name in self.fields.items()}
        for field in self.model._meta.concrete_fields:
            if isinstance(field, FoldedKeyField) and field.source in attributes:
                attributes[field.name] = attributes[field.source]
        # Rows that the project hides are in the way as well.
        everywhere = self.model._base_manager.using(self.using).exclude(pk=row.pk)
        for names in self._unique():
            told = [attributes[name] for name in names if name in attributes]
            held = {name: getattr(row, name) for name in map(self._column, names)}
            if not told or None in held.values():
                continue
            if (other := everywhere.filter(**held).first()) is not None:
                shown = self.rows.filter(pk=other.pk).exists()
                holder = other.scim_id if shown else None
                own = other.provider_id == self.context.provider_id
                raise Uniqueness(
                    f"{told[0]} is already in use.",
                    attribute=told[0],
                    holder=holder,
                    collision=Collision(self.resource_type.name, other.scim_id) if own else None,
                )

    def _unique(self) -> Iterator[Iterable[str]]:
        """Yield the names of the fields that are unique, alone or together."""
        meta = self.model._meta
        yield from (constraint.fields for constraint in meta.total_unique_constraints)
        yield from ((field.name,) for field in meta.concrete_fields if field.unique)

    def _column(self, name: str) -> str:
        field: Any = self.model._meta.get_field(name)
        return str(field.attname)

    def _record_event(
        self, action: str, id: str, changed: Iterable[str], *, status: int = 200
    ) -> None:
        name = self.resource_type.name
        record_change(self.context, action, name, id, status=status, changed=changed)


def _moment(text: str) -> datetime | str:
    """Return a dateTime as the project's fields have it; without an offset it is UTC."""
    folded = fold_date(text)
    return text if folded is None else as_held(datetime.fromisoformat(folded))
