"""In a transaction that the project began, nothing half done is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db.models import ProtectedError
from django_mongodb_backend.transaction import atomic

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.models import ProviderConnection
from django_scim_provider.storage.deletions.host_rows import delete_host_user
from django_scim_provider.storage.store_context import StoreContext
from tests.factories import make_connection
from tests.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)


class Protecting(DefaultAdapter):
    """Writes something before it finds that the user has to stay."""

    def delete_user(self, user: Any) -> None:
        make_connection(provider_id="written")
        raise ProtectedError("has invoices", {user})


def test_deletion_that_is_refused_midway_ends_it() -> None:
    user = make_user("ann")
    context = StoreContext(provider_id="acme", base_url="https://a.example").for_project({})

    with pytest.raises(ProtectedError), atomic():
        delete_host_user(Protecting(context), user, owns=False)

    assert get_user_model()._default_manager.filter(pk=user.pk).exists()
    assert not ProviderConnection.objects.exists()
