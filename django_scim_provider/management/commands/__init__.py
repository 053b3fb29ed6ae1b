"""Commands, and what several of them do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from django_scim_provider.conf import get_settings
from django_scim_provider.core.errors import SCIMError
from django_scim_provider.models import ProviderConnection


def find_connection(provider_id: str) -> ProviderConnection:
    """Return a connection.

    Raises:
        CommandError: there is none with that id.
    """
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    connection = rows.filter(provider_id=provider_id).first()
    if connection is None:
        raise CommandError(f"There is no connection {provider_id!r}.")
    return connection


def find_connections(provider_id: str | None) -> list[ProviderConnection]:
    """Return one connection, or all in the order of their ids for None.

    Raises:
        CommandError: there is none with that id.
    """
    if provider_id is not None:
        return [find_connection(provider_id)]
    rows = ProviderConnection.objects.using(get_settings().DATABASE)
    return list(rows.order_by("provider_id"))


def find_user(user_name: str | None) -> Any:
    """Return a user of the project by name; None for None.

    Raises:
        CommandError: there is none of that name.
    """
    if user_name is None:
        return None
    model = get_user_model()
    users = model._default_manager.using(get_settings().DATABASE)
    user = users.filter(**{model.USERNAME_FIELD: user_name}).first()
    if user is None:
        raise CommandError(f"There is no user {user_name!r}.")
    return user


@contextmanager
def told() -> Iterator[None]:
    """Make refusals of the services errors of the command."""
    try:
        yield
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    except PermissionDenied as error:
        raise CommandError(str(error)) from error
    except SCIMError as error:
        raise CommandError(error.detail) from error


WIDTH = 30
"""Characters of a full progress bar."""


def show_progress(command: BaseCommand, noun: str, done: int, total: int) -> None:
    """Show on standard error how many of all are done."""
    bar = "#" * (WIDTH * done // (total or 1))
    ending = "\n" if done == total else "\r"
    command.stderr.write(f"[{bar:<{WIDTH}}] {done} of {total} {noun}", ending=ending)
    command.stderr.flush()
