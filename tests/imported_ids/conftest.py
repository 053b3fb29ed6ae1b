"""Stores that give every row they make an imported id."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from django_scim_provider.core.stores import Stored
from django_scim_provider.models import LinkedAccount, ProvisionedGroup
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.resources import ModelStore
from django_scim_provider.storage.users.store import UserStore


@pytest.fixture(autouse=True)
def imported_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Import whatever is created: short and long ids, and the keys of other rows."""
    numbers, last = count(1), {"key": ""}

    def importing(create: Callable[..., Any], model: Any = None) -> Callable[..., Any]:
        def wrapped(self: Any, resource: Any) -> tuple[Stored, bool]:
            number = next(numbers)
            kind = number % 4
            id = (f"{number}", f"{number}~'(a):b@c;d", f"{'y' * 200}{number}", last["key"])[kind]
            if kind == 3:
                id, last["key"] = id or f"X{number}", ""
            made: tuple[Stored, bool] = create(self, resource, scim_id=id)
            stored = made[0]
            rows = (model or self.model)._base_manager.using(self.using)
            own = rows.filter(provider=self.context.provider_id, scim_id=stored.id)
            key = own.values_list("pk", flat=True).get()
            assert str(key) != stored.id
            last["key"] = str(key)
            return made

        return wrapped

    monkeypatch.setattr(UserStore, "create", importing(UserStore.create, LinkedAccount))
    monkeypatch.setattr(GroupStore, "create", importing(GroupStore.create, ProvisionedGroup))
    monkeypatch.setattr(ModelStore, "create", importing(ModelStore.create))
