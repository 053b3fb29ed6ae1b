"""Ending what a user holds whose log-in is closed: sessions and tokens, by the ``REVOKERS``."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError
from django.utils.module_loading import import_string

from django_scim_provider.conf import DEFAULT_REVOKERS, get_settings
from django_scim_provider.core.errors import SCIMError, Unavailable
from django_scim_provider.storage.sql.vendors.causes import Cause
from django_scim_provider.storage.sql.vendors.error_codes import cause_of
from django_scim_provider.storage.transactions import is_rehearsed
from django_scim_provider.user_model.sessions import end_with_next_save

SESSIONS = DEFAULT_REVOKERS[0]
"""The revoker that gives users a new password; see ``revokers.revoke_sessions``."""


def before_closing(user: AbstractBaseUser) -> None:
    """Have the save that closes the log-in end the sessions as well, where a revoker would.

    A revoker of the project's that comes before it finds the user's hash as it was.
    """
    revokers = get_settings().REVOKERS
    own = (path for path in revokers if path == SESSIONS or path not in DEFAULT_REVOKERS)
    if next(own, None) == SESSIONS:
        end_with_next_save(user)


def revoke(using: str, user: AbstractBaseUser) -> None:
    """End what the user holds, whose log-in is closed already.

    Not in a rehearsal: what revokers end outside of the database would stay ended.

    Raises:
        Unavailable: a revoker failed; everything is undone, and the client may come back.
    """
    if is_rehearsed():
        return
    for path in get_settings().REVOKERS:
        revoker: Callable[..., None] = import_string(path)
        try:
            revoker(user=user, using=using)
        except (DatabaseError, SCIMError):
            raise
        except Exception as error:
            if cause_of(error) is not Cause.FAULT:
                raise
            raise Unavailable("The sessions of the user could not be ended.") from error
