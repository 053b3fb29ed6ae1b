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
    numbers, keys = count(1), [""]

    def importing(create: Callable[..., Any], model: Any) -> Callable[..., Any]:
        def wrapped(self: Any, resource: Any) -> tuple[Stored, bool]:
            number = next(numbers)
            ids = (f"{number}", f"{number}~'(a):b@c;d", keys.pop() or f"X{number}", "y" * 200)
            id = ids[number % 4] if number % 4 < 3 else f"{ids[3]}{number}"
            stored, made = create(self, resource, scim_id=id)
            own = model.objects.using(self.using).filter(provider=self.context.provider_id)
            key = own.filter(scim_id=stored.id).values_list("pk", flat=True).get()
            assert str(key) != stored.id
            keys.append(str(key))
            return stored, made

        return wrapped

    monkeypatch.setattr(UserStore, "create", importing(UserStore.create, LinkedAccount))
    monkeypatch.setattr(GroupStore, "create", importing(GroupStore.create, ProvisionedGroup))

    def of_own_type(self: Any, resource: Any) -> tuple[Stored, bool]:
        return importing(ModelStore_create, self.model)(self, resource)

    ModelStore_create = ModelStore.create
    monkeypatch.setattr(ModelStore, "create", of_own_type)
