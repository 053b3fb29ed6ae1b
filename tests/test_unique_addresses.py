"""Whether the project's user model leaves an e-mail address to one user alone."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.db.models.functions import Lower, Trim
from django.test.utils import isolate_apps

from django_scim_provider import user_model
from django_scim_provider.user_model import addresses_are_unique, misfit, no_address

ALONE = UniqueConstraint(fields=["email"], name="a")
FOLDED = UniqueConstraint(Lower("email"), name="b")
FOLDED_TWICE = UniqueConstraint(Lower(Trim("email")).desc(), name="c")
SOMETIMES = UniqueConstraint(Lower("email"), condition=~Q(email=""), name="d")
TOGETHER = UniqueConstraint(fields=["company", "email"], name="e")
OTHER = UniqueConstraint(fields=["username"], name="f")


def user(**options: Any) -> Any:
    """Return a user model; ``constraints`` and ``unique_together`` go to its ``Meta``."""

    class User(AbstractBaseUser):
        username = models.CharField(max_length=150, unique=True)
        email = models.EmailField(
            blank=True, null=options.pop("null", False), unique=options.pop("unique", False)
        )
        company = models.CharField(max_length=150)
        USERNAME_FIELD = options.pop("names", "username")
        EMAIL_FIELD = "email"

        class Meta:
            app_label = "tenancy"
            constraints: ClassVar = options.pop("constraints", [])
            unique_together: ClassVar = options.pop("together", [])

    return User


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    settings.ACCOUNT_UNIQUE_EMAIL = False

    def use(model: Any) -> None:
        monkeypatch.setattr(user_model, "get_user_model", lambda: model)

    return use


@pytest.mark.parametrize(
    ("options", "unique"),
    [
        pytest.param({}, False, id="no-constraint"),
        pytest.param({"constraints": [OTHER]}, False, id="of-another-field"),
        pytest.param({"unique": True}, True, id="field"),
        pytest.param({"names": "email"}, True, id="logs-in-by-it"),
        pytest.param({"constraints": [ALONE]}, True, id="constraint"),
        pytest.param({"constraints": [FOLDED]}, True, id="functional"),
        pytest.param({"constraints": [FOLDED_TWICE]}, True, id="nested"),
        pytest.param({"constraints": [OTHER, SOMETIMES]}, True, id="condition"),
        pytest.param({"constraints": [TOGETHER]}, True, id="with-another"),
        pytest.param({"together": [("company", "email")]}, True, id="unique-together"),
    ],
)
@isolate_apps("tests.tenancy")
def test_address_is_unique_where_a_constraint_says_so(
    as_user: Any, scim_settings: Any, options: dict[str, Any], unique: bool
) -> None:
    as_user(user(**options))

    found = addresses_are_unique()
    scim_settings(UNIQUE_EMAILS=False)
    whatever_the_setting_says = addresses_are_unique()

    assert (found, whatever_the_setting_says) == (unique, unique)


@isolate_apps("tests.tenancy")
def test_constraint_of_a_parent_counts(as_user: Any) -> None:
    parent = user(constraints=[FOLDED])

    class Child(parent):  # type: ignore[misc,valid-type]
        class Meta:
            app_label = "tenancy"

    as_user(Child)

    assert addresses_are_unique()


@pytest.mark.parametrize(
    ("constraint", "null", "stands_for_none", "problem"),
    [
        (ALONE, True, None, None),
        (FOLDED, True, None, None),
        (FOLDED, False, "", "An e-mail address is required."),
        (SOMETIMES, False, "", None),
        (OTHER, True, "", None),
    ],
)
def test_no_address_collides_with_no_other(
    as_user: Any,
    constraint: UniqueConstraint,
    null: bool,
    stands_for_none: str | None,
    problem: str | None,
) -> None:
    with isolate_apps("tests.tenancy"):
        model = user(null=null, constraints=[constraint])
    as_user(model)

    assert no_address() == stands_for_none
    assert misfit(model, "email", no_address()) == problem
