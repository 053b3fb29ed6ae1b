"""Passwords that nobody has: random, so that sessions and links to reset them end with them."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH


def make_unusable(user: Any) -> None:
    """Give a user a new one, by a method of the project's where it has one.

    Django draws each letter for itself, which takes longer than all else that is done to make a
    user. As many digits are drawn here at once: 160 bits.
    """
    if type(user).set_unusable_password is AbstractBaseUser.set_unusable_password:
        drawn = secrets.token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2)
        user.password = f"{UNUSABLE_PASSWORD_PREFIX}{drawn}"
    else:
        user.set_unusable_password()
