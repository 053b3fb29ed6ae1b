"""Who is held responsible for a query."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from django_scim_provider.models import SCIMToken
from tests.portable.constructs import Construct
from tests.portable.ours import ours
from tests.portable.watching.watch import watching

pytestmark = pytest.mark.django_db
MECHANISM = "storage/transactions/example.py"


def permissions(user: Any) -> set[str]:
    return ModelBackend().get_all_permissions(user)


def of_relation() -> list[Any]:
    return list(SCIMToken.objects.values_list("provider__enabled"))


def test_apps_of_django_ask_on_their_own() -> None:
    user = get_user_model().objects.create(username="ann")
    with watching() as watch:
        ours(permissions)(user)  # reads permissions over the relation to their content types
    assert watch.violations == []


def test_models_save_what_others_give_them() -> None:
    with watching() as watch:
        ours(of_relation, "models/example.py")()
    assert watch.violations == []


def test_who_uses_a_mechanism_is_named() -> None:
    def asks(mechanism: Any) -> None:
        mechanism()

    with watching(fails=False) as watch:
        ours(asks, "admin/example.py")(ours(of_relation, MECHANISM))
    (violation,) = watch.violations
    assert violation.construct is Construct.VALUES_OVER_RELATION
    assert violation.place.file == "admin/example.py"


def test_mechanism_alone_is_named_itself() -> None:
    with watching(fails=False) as watch:
        ours(of_relation, MECHANISM)()
    assert [violation.place.file for violation in watch.violations] == [MECHANISM]
