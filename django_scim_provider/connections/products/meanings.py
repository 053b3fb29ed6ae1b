"""What the project makes of an attribute that arrives, in words."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext

from django_scim_provider.adapter import DefaultAdapter, adapter_class
from django_scim_provider.attribute_map.compilation import mapped_of
from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.user_model import field_of, user_model_fields

_PURPOSES = {"name.givenName": "first_name", "name.familyName": "last_name"}


def meaning_of(path: str) -> str:
    """Return what becomes of an attribute here, in the active language.

    It goes by ``ATTRIBUTE_MAP`` and the user model, as the default adapter does; ``is_extended``
    tells whether the project's own may do more.
    """
    named = user_model_fields()
    entry = get_settings().ATTRIBUTE_MAP.get(path)
    if entry is not None and mapped_of(entry).write:
        field = mapped_of(entry).field
        return gettext("“%(field)s” of the user") % {"field": _label(field)}
    if path == "userName":
        label = _label(get_user_model().USERNAME_FIELD)
        return gettext("“%(field)s” of the user; nobody else may have it") % {"field": label}
    if path.startswith("emails") and "email" in named:
        return gettext("“%(field)s” of the user: the primary address, else the first") % {
            "field": _label(named["email"])
        }
    purpose = _PURPOSES.get(path, "")
    if purpose in named:
        return gettext("“%(field)s” of the user") % {"field": _label(named[purpose])}
    if path == "active":
        return gettext("Opens and closes the log-in; closing it ends the person's sessions")
    if path == "externalId":
        return gettext("Kept with the account, so that the same person is found again")
    return gettext("Kept with the account, and told to the identity provider when it asks")


def is_extended() -> bool:
    """Tell whether the project's adapter may write more fields than the default one."""
    own = adapter_class()
    return own.user_fields is not DefaultAdapter.user_fields or (
        own.update_user is not DefaultAdapter.update_user
    )


def _label(name: str) -> str:
    field: Any = field_of(get_user_model(), name)
    return str(capfirst(getattr(field, "verbose_name", name)))
