"""Tables of other packages, read whether the package is installed or not.

Each is read by a model that no registry of the project's knows, so that values are converted as the
project's own are on each database, and nothing is migrated, deleted or found by relations.
"""

from __future__ import annotations

from typing import Any

from django.apps.registry import Apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, models
from django.db.models.fields import AutoFieldMixin
from django.utils.translation import gettext as _

from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import savepoint


def reading_model(table: str, using: str, **fields: models.Field[Any, Any]) -> type[models.Model]:
    """Return a model of some columns of a table; one of the fields is the primary key.

    Raises:
        ValidationError: the database has no such table, or not all of these columns.
    """
    meta = type(
        "Meta",
        (),
        {"app_label": "scim_imported", "apps": Apps(), "db_table": table, "managed": False},
    )
    model: Any = type("ReadRow", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})
    connection = connections[using]
    try:
        # To MongoDB a collection that is not there is an empty one.
        if vendor_of(using).orm_only and table not in connection.introspection.table_names():
            raise DatabaseError(table)
        with savepoint(using):
            list(model._base_manager.using(using).order_by()[:1])
    except DatabaseError as error:
        text = _("The database has no table %(table)s with the columns %(columns)s.")
        columns = ", ".join(field.column for field in model._meta.concrete_fields)
        raise ValidationError(text % {"table": table, "columns": columns}) from error
    return model  # type: ignore[no-any-return]


def key_field(model: type[models.Model]) -> models.Field[Any, Any]:
    """Return a field for the primary key of a model's table."""
    return like(model._meta.pk, str(model._meta.pk.column), primary_key=True)


def _made_by_the_database(field: Any) -> Any:
    """Return the class of what such a key is: a number, or what MongoDB calls an ObjectId."""
    if field.get_internal_type() != "ObjectIdAutoField":
        return models.BigIntegerField
    from django_mongodb_backend.fields import ObjectIdField  # it comes with that backend alone

    return ObjectIdField


def like(field: Any, column: str, *, primary_key: bool = False) -> models.Field[Any, Any]:
    """Return a field that reads a column of the same type; of a relation's, that of its target."""
    while field.remote_field is not None:
        field = field.target_field
    options: dict[str, Any] = {"primary_key": primary_key, "db_column": column}
    if isinstance(field, AutoFieldMixin):
        number_or_key: models.Field[Any, Any] = _made_by_the_database(field)(**options)
        return number_or_key
    _name, _path, args, kwargs = field.deconstruct()
    for name in ("default", "db_default", "unique", "db_index"):
        kwargs.pop(name, None)
    made: models.Field[Any, Any] = type(field)(*args, **{**kwargs, **options})
    return made
