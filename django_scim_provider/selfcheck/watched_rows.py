"""Users whom no request is about: what of them changes is told, with the code that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.db import connections

from django_scim_provider.conf import get_settings, get_user_model
from django_scim_provider.models import LinkedAccount
from django_scim_provider.selfcheck.places_of_code import place_of_caller
from django_scim_provider.selfcheck.told_faults import ToldFault

MOST = 300
"""Users that are looked at: the newest ones."""
_CHANGES = ("UPDATE", "DELETE")

Photo = dict[Any, dict[str, Any]]
"""The columns of users, by their keys."""


class WatchedUsers:
    """The users of the project, as requests of one connection leave them."""

    def __init__(self, provider_id: str) -> None:
        self._provider_id, self._using = provider_id, get_settings().DATABASE
        self._rows: Any = get_user_model()._base_manager.using(self._using)
        self._table = connections[self._using].ops.quote_name(get_user_model()._meta.db_table)
        self._writers: list[str] = []

    def noting_writers(self) -> AbstractContextManager[None]:
        """Return what notes which code of the project's changes rows of users."""
        return connections[self._using].execute_wrapper(self._note)

    def photo(self) -> Photo:
        """Return what the users hold now."""
        self._writers.clear()
        newest = self._rows.order_by("-pk").values_list("pk", flat=True)[:MOST]
        return self._photo_of(list(newest))

    def keys_of(self, scim_id: str) -> set[Any]:
        """Return the key of the user of an account; without an id, those of the connection."""
        accounts = LinkedAccount.objects.using(self._using).of(self._provider_id)
        meant = accounts.filter(scim_id=scim_id) if scim_id else accounts
        return set(meant.values_list("user", flat=True))

    def differences(
        self, before: Photo, after_what: str, hook: str, own: set[Any]
    ) -> Iterator[ToldFault]:
        """Yield who is another one than before, but for ``own``, whom the request is about.

        ``hook`` is where the fault is, if nobody was seen writing.
        """
        now = self._photo_of(list(before))
        where = self._writers[-1] if self._writers else hook
        changed = {
            key: [name for name, value in held.items() if now.get(key, {}).get(name) != value]
            for key, held in before.items()
            if key not in own
        }
        wrong = {key: names for key, names in changed.items() if names}
        if wrong:
            names = sorted({name for each in wrong.values() for name in each})
            what = "deleted" if any(key not in now for key in wrong) else ", ".join(names)
            yield ToldFault(
                where,
                f"{after_what[0].upper()}{after_what[1:]} writes to other users: "
                f"{len(wrong)} of them changed ({what}).",
                reason=f"writes to other users ({what})",
            )

    def _photo_of(self, keys: list[Any]) -> Photo:
        rows = self._rows.filter(pk__in=keys).values()
        name = get_user_model()._meta.pk.attname
        return {row[name]: row for row in rows}

    def _note(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        text = str(sql)
        if text.startswith(_CHANGES) and self._table in text and (place := place_of_caller()):
            self._writers.append(place)
        return execute(sql, params, many, context)
