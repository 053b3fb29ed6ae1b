"""Fields whose texts compare byte for byte on every database, what is folded, and indexes of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from django_scim_provider.core.folding import fold
from django_scim_provider.core.validation.scim_ids import MAX_ID_LENGTH
from django_scim_provider.validators import validate_scim_id


def exact_collation(connection: BaseDatabaseWrapper) -> str | None:
    """Return the collation under which texts are equal only if they are the same.

    Trailing blanks count, so MariaDB and MySQL need a collation without padding.
    """
    if connection.vendor == "postgresql":
        return "C"
    if connection.vendor == "mysql":
        mariadb = getattr(connection, "mysql_is_mariadb", False)
        return "utf8mb4_nopad_bin" if mariadb else "utf8mb4_0900_bin"
    if connection.vendor == "microsoft":
        return "Latin1_General_100_BIN2_UTF8"
    return None


def sees_no_accents(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether texts in the collation that tables have by default differ by no accents."""
    return connection.vendor == "mysql"


class ExactCharField(models.CharField):  # type: ignore[type-arg]  # generic for type checkers only
    """A text that RFC 7643 calls ``caseExact``, or a key that is already folded."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Add the collation of the database at hand."""
        return {**super().db_parameters(connection), "collation": exact_collation(connection)}


class ExactTextField(models.TextField):  # type: ignore[type-arg]  # generic for type checkers only
    """The same without a bound."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Add the collation of the database at hand."""
        return {**super().db_parameters(connection), "collation": exact_collation(connection)}


class FoldedKeyField(ExactCharField):
    """Holds the folded form of another field of the row, so that a constraint can see it."""

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        self.source = source
        super().__init__(*args, **{**kwargs, "editable": False})

    def deconstruct(self) -> Any:
        """Name the source in migrations."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        """Fold the source as it is at that moment."""
        key = self.key_of(model_instance)
        setattr(model_instance, self.attname, key)
        return key

    def key_of(self, model_instance: models.Model) -> str | None:
        """Return the folded source; None where it is empty and the key may be."""
        text = getattr(model_instance, self.source)
        return None if self.null and not text else fold(text)


class SCIMIdField(ExactCharField):
    """The id of a resource in its connection; the text of the row's key unless it brought one."""

    default_validators = [validate_scim_id]  # noqa: RUF012 - as Django declares it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = {"max_length": MAX_ID_LENGTH, **kwargs, "editable": False, "blank": True}
        super().__init__(*args, **given)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Fill in the key of a row that has no id of its own."""
        id = getattr(model_instance, self.attname) or str(model_instance.pk)
        setattr(model_instance, self.attname, id)
        return str(id)


class FoldedField(models.TextField):  # type: ignore[type-arg]  # generic for type checkers only
    """A JSON text that SQL looks into (see ``core.folding``); Python only writes it."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """Return ``jsonb`` on PostgreSQL, else the type of long texts."""
        return "jsonb" if connection.vendor == "postgresql" else super().db_type(connection)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """Give texts the exact collation where JSON is a text."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            return {**parameters, "collation": exact_collation(connection)}
        return parameters


class FindingIndex(models.Index):
    """An index of the connection and a column that few of its rows have the same value of.

    SQLite has statistics only where somebody runs ``ANALYZE``. Without them it takes this index for
    little better than the one in whose order rows are shown, and reads all rows of the connection
    in that order. So there the key of the row ends this one: it finds, and is in that order too.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """Add the key on SQLite."""
        if schema_editor.connection.vendor != "sqlite":
            return super().create_sql(model, schema_editor, using, **kwargs)
        keyed = models.Index(fields=[*self.fields, model._meta.pk.name], name=self.name)
        return keyed.create_sql(model, schema_editor, using, **kwargs)


class LongTextIndex(models.Index):
    """An index of the connection and a text that may be too long for one of MySQL and MariaDB.

    Theirs holds the beginning of the text, by which they find as well, and looks at the row. SQL
    Server's holds 1,700 bytes, which the text alone stays within.
    """

    max_beginning = 500
    """Characters; with the connection's 255, of up to four bytes, fewer than 3,072 bytes."""

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """Say how much of the last column is held, or that no other one is."""
        *first, last = self.fields
        vendor = schema_editor.connection.vendor
        if vendor == "microsoft":
            alone = models.Index(fields=[last], name=self.name)
            return alone.create_sql(model, schema_editor, using, **kwargs)
        if vendor != "mysql":
            return super().create_sql(model, schema_editor, using, **kwargs)
        shortened = models.Index(fields=[*first, last], name=self.name)
        shortened.fields_orders = [
            *((each, "") for each in first),
            (last, f"({self.max_beginning})"),
        ]
        return shortened.create_sql(model, schema_editor, using, **kwargs)


CONNECTION_KEY = ""
"""The key of the connection in a folded document: no attribute has it for a name."""


class ContainmentIndex(models.Index):
    """An index of all that stands in a folded document, where the database has such: PostgreSQL.

    It answers whether a document contains another one, for any attribute (``jsonb_path_ops``).
    """

    max_pending = 256
    """Kilobytes of new entries that are kept unsorted: each search reads them, each write sorts
    less often."""

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """Make it, or do nothing."""
        if schema_editor.connection.vendor != "postgresql":
            return _NOTHING
        name, table = map(schema_editor.quote_name, (self.name, model._meta.db_table))
        column = schema_editor.quote_name(model._meta.get_field(self.fields[0]).column)
        return (
            f"CREATE INDEX {name} ON {table} USING gin ({column} jsonb_path_ops) "
            f"WITH (gin_pending_list_limit = {self.max_pending})"
        )

    def get_pymongo_index_model(self, *args: Any, **kwargs: Any) -> None:
        """Return nothing to MongoDB's backend, which asks this instead and would index the text."""

    def remove_sql(self, model: Any, schema_editor: Any, **kwargs: Any) -> Any:
        """Drop it, or do nothing."""
        if schema_editor.connection.vendor != "postgresql":
            return _NOTHING
        return super().remove_sql(model, schema_editor, **kwargs)


_NOTHING = "SELECT 1"
"""Django runs what an index returns, whatever it is."""
