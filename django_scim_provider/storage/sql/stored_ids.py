"""The id that a stored text holds, in SQL."""

from __future__ import annotations

from django.db.models import CharField, Func, Value
from django.db.models.functions import Left, StrIndex, Substr

from django_scim_provider.core.stored_text import HEAD


def stored_id(column: str) -> Func:
    """Return the id that a column of stored texts holds, as an expression (see ``id_of``).

    Ids of the app's own rows hold nothing that JSON escapes.
    """
    rest = Substr(column, len(HEAD) + 1)
    return Left(rest, StrIndex(rest, Value('"')) - 1, output_field=CharField())
