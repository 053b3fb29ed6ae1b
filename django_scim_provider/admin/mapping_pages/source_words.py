"""What people read of a mapping that looks at people: the attribute and its value, or everybody."""

from __future__ import annotations

from django.utils.translation import gettext

from django_scim_provider.models import RoleMapping


def source_in_words(mapping: RoleMapping) -> str:
    """Return which people get the role of a mapping that names no group."""
    if mapping.match_by == RoleMapping.MatchBy.EVERYONE:
        return gettext("everybody")
    words = {"attribute": short_path(mapping.attribute), "value": mapping.value}
    return gettext("%(attribute)s is “%(value)s”") % words


def short_path(path: str) -> str:
    """Return a path without the URN of its schema, which fills a line and tells nobody anything.

    The ``value`` of several values is what everybody takes the attribute for.
    """
    return path.rpartition(":")[2].removesuffix(".value")
