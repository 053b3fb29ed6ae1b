"""Models of the project that refer to accounts go with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.db import connection, models

from django_scim_provider.models import (
    LinkedAccount,
)
from tests.lifecycle.test_host_deletions import Heard, delete
from tests.people import connect, post


@pytest.fixture
def badges() -> Iterator[Any]:
    """Give the project a model that refers to accounts, for one test."""

    class Badge(models.Model):
        """What opens doors."""

        account = models.ForeignKey(LinkedAccount, on_delete=models.CASCADE)

        class Meta:
            app_label: ClassVar = "tenancy"

        def __str__(self) -> str:
            return str(self.pk)

    with connection.schema_editor() as editor:
        editor.create_model(Badge)
    yield Badge
    with connection.schema_editor() as editor:
        editor.delete_model(Badge)
    del apps.all_models["tenancy"]["badge"]
    apps.clear_cache()


@pytest.mark.django_db(transaction=True)
def test_model_of_the_project_that_refers_to_accounts_goes_with_them(badges: Any) -> None:
    client = connect()
    created = post(client, "ann@x.example").json
    badges.objects.create(account=LinkedAccount.objects.get())

    with Heard(badges) as heard:
        assert delete(client, created) == 204

    assert len(heard.told) == 2
    assert not badges.objects.exists()
    assert not LinkedAccount.objects.exists()
