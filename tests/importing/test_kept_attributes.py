"""Attributes that the project keeps itself stand in no document, whoever brings the person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.attribute_map import Mapped
from django_scim_provider.connections.adoption import adopt_users
from django_scim_provider.importing import ImportedPerson, import_people
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.registry import get_registry
from tests.people import connect, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(scim_settings: Callable[..., None]) -> Any:
    """Return a user of the project, whose connection does not write addresses."""
    connect()
    found = {"nickName": Mapped("last_name", write=False, read=True)}
    scim_settings(CONNECTION_ATTRIBUTE_MAPS={"acme": found})
    return make_user("ann")


def test_imported_people_have_none(ann: Any) -> None:
    person = ImportedPerson(user=ann, resource={"nickName": "Annie", "title": "Dr."})

    import_people(ProviderConnection.objects.get(), [person])

    text = LinkedAccount.objects.get().resource
    assert ("Annie" in text, "Dr." in text) == (False, True)


def test_linked_people_have_none(ann: Any) -> None:
    acme, users = ProviderConnection.objects.get(), get_user_model()._default_manager.all()
    user_type = get_registry().by_name("User").resource_type
    named = {"nickName": "Annie"}

    adopt_users(acme, users, user_type, commit=True, trust_unverified=True, named=named)

    assert "Annie" not in LinkedAccount.objects.get().resource
