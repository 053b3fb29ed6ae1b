"""What a source is told on the command line: models and querysets of the project."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _


def model_named(name: str) -> type[Model]:
    """Return a model by its label (``shop.Team``) or its dotted path (``shop.models.Team``).

    Raises:
        ValidationError: there is none.
    """
    try:
        found: Any = apps.get_model(name) if name.count(".") == 1 else import_string(name)
    except (ImportError, LookupError) as error:
        raise ValidationError(str(error)) from error
    return found  # type: ignore[no-any-return]


def rows_named(path: str | None, model: type[Model], using: str) -> QuerySet[Any]:
    """Return what the function at a dotted path returns, or all rows of the model for None.

    Raises:
        ValidationError: there is no such function, or it returns something else.
    """
    if path is None:
        return model._default_manager.using(using).all()
    try:
        found = import_string(path)()
    except ImportError as error:
        raise ValidationError(str(error)) from error
    if not isinstance(found, QuerySet):
        raise ValidationError(_("%(path)s returns no queryset.") % {"path": path})
    return found.using(using)


def refuse_missing_accessor(model: type[Model], name: str) -> None:
    """Refuse a name by which the members of a group cannot be asked for.

    Raises:
        ValidationError: groups have no such attribute.
    """
    if not hasattr(model, name):
        text = _("%(model)s has no attribute %(name)s that has its members; name it by --members.")
        raise ValidationError(text % {"model": model._meta.label, "name": name})
