"""Tests that commit leave nothing behind, and take nothing away that the migrations made."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from tests.emptying import filled
from tests.factories import make_token
from tests.people import post
from tests.scim_client import SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_that_was_written_is_gone_whatever_refers_to_it() -> None:
    ann = post(SCIMTestClient(make_token(provider_id="acme")), "ann@x.example")
    written = filled(connection)

    call_command("flush", interactive=False, verbosity=0)

    assert ann.status == 201
    assert {"auth_user", "scim_provider_linkedaccount"} <= set(written)
    assert filled(connection) == []


def test_content_types_and_permissions_stay_as_they_are() -> None:
    def kept() -> list[set[tuple[object, ...]]]:
        return [set(model._default_manager.values_list()) for model in (ContentType, Permission)]

    before = kept()

    call_command("flush", interactive=False, verbosity=0)

    assert all(before)
    assert kept() == before
