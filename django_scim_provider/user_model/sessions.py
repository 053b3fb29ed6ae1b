"""Ending the sessions of a user by a new password, which is saved with what else is written.

The hash of every session depends on the password. Who cannot log in by one has one all the same,
an unusable one, and may get another.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser

from django_scim_provider.user_model.unusable_passwords import make_unusable

_DUE = "_scim_password_due"
_SAVED = "_scim_password_saved"
"""Where an instance has the password that is to be saved, and the one that was."""


def end_with_next_save(user: AbstractBaseUser) -> None:
    """Have the next save of a user who cannot log in by password end all sessions of theirs.

    Nothing is due where the project's hash of sessions does not depend on the password.
    """
    if user.has_usable_password():
        return
    before = user.get_session_auth_hash()
    make_unusable(user)
    if user.get_session_auth_hash() != before:
        setattr(user, _DUE, user.password)


def is_due(user: AbstractBaseUser) -> bool:
    """Tell whether the password that the user has now is one that has to be saved for that."""
    return _has(user, _DUE)


def note_saved(user: AbstractBaseUser) -> None:
    """Note that the user was saved, with the password where it is due."""
    if is_due(user):
        setattr(user, _SAVED, user.password)


def were_ended(user: AbstractBaseUser) -> bool:
    """Tell whether a save has ended the sessions, and the user has the same password still."""
    return _has(user, _SAVED)


def _has(user: AbstractBaseUser, name: str) -> bool:
    password = getattr(user, name, None)
    return password is not None and password == user.password
