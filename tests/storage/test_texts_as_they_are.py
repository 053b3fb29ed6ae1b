"""Which values of the app's rows go to the driver without Django's own way for each."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from django_scim_provider.models.fields import ExactCharField, ExactTextField, FoldedField
from django_scim_provider.models.moments import MomentField
from django_scim_provider.storage.sql.running import keeps_texts


class Trimmed(models.CharField):  # type: ignore[type-arg]  # generic for type checkers only
    """Makes another text of what it is given."""

    def get_prep_value(self, value: Any) -> Any:
        """Leave out blanks at the ends."""
        return str(value).strip()


@pytest.mark.parametrize(
    ("kind", "does"),
    [
        (models.CharField, True),
        (models.TextField, True),
        (ExactCharField, True),
        (ExactTextField, True),
        (FoldedField, True),
        (Trimmed, False),
        (MomentField, False),
        (models.UUIDField, False),
        (models.ForeignKey, False),
    ],
)
def test_field_that_changes_nothing_about_a_text_is_not_asked(kind: Any, does: bool) -> None:
    assert keeps_texts(kind) is does
