"""Whom a log-in package may find by its own means: users of whom no connection has an account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.models import LinkedAccount
from django_scim_provider.user_model import is_privileged


def are_strangers(users: Iterable[Any]) -> bool:
    """Tell whether no connection holds or held any of the users, and none is staff or superuser."""
    keys, using = [user.pk for user in users], get_settings().DATABASE
    held = LinkedAccount.objects.using(using).filter(user__in=keys)
    people = get_user_model()._default_manager.using(using).filter(pk__in=keys)
    return not held.exists() and not people.filter(is_privileged()).exists()
