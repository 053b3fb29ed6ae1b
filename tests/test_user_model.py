"""What counts as the same value of a field of the user model."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from django_scim_provider.user_model import is_same
from tests.people import make_organization, make_user
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "value", "same"),
    [
        pytest.param("first_name", "Ann", True, id="text"),
        pytest.param("first_name", "ann", False, id="other-case"),
        pytest.param("id", "7", True, id="number-as-text"),
        pytest.param("id", "x", False, id="no-number"),
        pytest.param("is_active", "True", True, id="boolean-as-text"),
        pytest.param("is_anonymous", False, True, id="no-field"),
    ],
)
def test_values_are_the_same_as_the_field_reads_them(name: str, value: Any, same: bool) -> None:
    user = get_user_model()(id=7, first_name="Ann", is_active=True)

    assert is_same(user, name, value) is same


def test_row_is_the_same_as_its_key_and_is_not_read(django_assert_num_queries: Any) -> None:
    user, other = make_user("ann"), make_user("bob")
    made = Membership.objects.create(organization=make_organization("corp"), user=user)
    membership = Membership.objects.get(pk=made.pk)

    with django_assert_num_queries(0):
        told = [is_same(membership, "user", each) for each in (user, user.pk, other, None)]

    assert told == [True, True, False, False]
