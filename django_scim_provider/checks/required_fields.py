"""What the project's models need and provisioning does not write."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage
from django.db.models import Model
from django.utils.module_loading import import_string

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.attribute_map.compilation import fields_written
from django_scim_provider.checks.entries import warning
from django_scim_provider.conf import SETTING, Settings
from django_scim_provider.models.required_fields import fields_without_value
from django_scim_provider.storage.users.store import UserStore
from django_scim_provider.user_model import user_model_fields

_HINT = """Give {them} a default or a db_default, let {them} be null, or give values in your own:

    class {name}({base}):
        def {method}:
            return {{{before}{field!r}: ...}}

    {setting} = {{{key!r}: "path.to.{name}"}}

Where the model itself or a signal gives the value, silence scim_provider.{number}."""


def check_user_fields(found: dict[str, Any]) -> Iterator[CheckMessage]:
    """Yield the fields of the user model without which no user can be stored.

    Nothing where the adapter overrides what gives them: it knows better.
    """
    settings = Settings(**found)
    try:
        adapter, store = import_string(settings.ADAPTER), import_string(settings.USER_STORE)
    except ImportError:
        return  # E004 says so
    asks = isinstance(store, type) and issubclass(store, UserStore)
    if asks and _keeps(adapter, DefaultAdapter, "user_fields", "create_user"):
        model = get_user_model()
        mapped = fields_written(settings.ATTRIBUTE_MAP)
        written = {model.USERNAME_FIELD, "password", *user_model_fields().values(), *mapped}
        yield from _lacking(
            "W020",
            model,
            written,
            "so that no user can be provisioned",
            name="Adapter",
            base="DefaultAdapter",
            method="user_fields(self, resource)",
            before="**super().user_fields(resource), ",
            key="ADAPTER",
        )


def check_member_fields(
    backend: Any, base: type, model: type[Model], written: Collection[str]
) -> Iterator[CheckMessage]:
    """Yield the fields of a membership model without which nobody can become a member.

    Nothing where the backend overrides what gives them.
    """
    if _keeps(backend, base, "new_member_values", "add_member"):
        yield from _lacking(
            "W021",
            model,
            written,
            "so that nobody who is provisioned can become a member",
            name="Backend",
            base=base.__name__,
            method="new_member_values(self, organization_id, user)",
            before="",
            key="ORGANIZATION_BACKEND",
        )


def _keeps(given: Any, base: type, *methods: str) -> bool:
    """Tell whether a class is a subclass, and has these methods as they are."""
    if not isinstance(given, type) or not issubclass(given, base):
        return False
    return all(getattr(given, name) is getattr(base, name) for name in methods)


def _lacking(
    number: str, model: type[Model], written: Collection[str], so_that: str, **hint: str
) -> Iterator[CheckMessage]:
    names = fields_without_value(model, written)
    if names:
        needs = f"{model._meta.label} needs values for {', '.join(names)}"
        them = "it" if len(names) == 1 else "them"
        hint = {**hint, "them": them, "field": names[0], "setting": SETTING, "number": number}
        message = f"{needs}, and nobody gives {them} one, {so_that}."
        yield warning(number, message, _HINT.format(**hint))
