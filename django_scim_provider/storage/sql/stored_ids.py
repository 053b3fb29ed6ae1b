"""The id that a stored text holds, in SQL."""

from __future__ import annotations

from django.db.models import CharField, Func, Value
from django.db.models.functions import Left, StrIndex, Substr

from django_scim_provider.core.stored_text import AFTER_ID, BEFORE_ID


def stored_id(column: str) -> Func:
    """Return the id that a column of stored texts holds, as an expression (see ``id_of``).

    It is for ids that JSON does not escape, as those of the app's own rows are.
    """
    # By position, since functions for JSON would decode each text as a whole.
    rest = Substr(column, len(BEFORE_ID) + 1)
    return Left(rest, StrIndex(rest, Value(AFTER_ID)) - 1, output_field=CharField())
