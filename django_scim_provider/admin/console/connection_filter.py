"""The filter of lists by connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.admin import ListFilter
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.navigation import PARAMETER


class ConnectionListFilter(ListFilter):
    """Takes the id of a connection as text: there may be thousands, too many to list."""

    title = _("connection")
    template = "django_scim_provider/admin/text_filter.html"
    parameter_name = PARAMETER

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        values = params.pop(self.parameter_name, [""])
        self.value = str(values[-1]).strip()

    def has_output(self) -> bool:
        """Show it always."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """Name the parameter."""
        return [self.parameter_name]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield what the form holds: its field, and the rest of the query."""
        leave = {self.parameter_name, PAGE_VAR, ERROR_FLAG}
        kept = [(name, value) for name, value in changelist.params.items() if name not in leave]
        yield {"name": self.parameter_name, "value": self.value, "kept": kept}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of that connection."""
        if not self.value or "\x00" in self.value:
            return queryset
        return queryset.filter(provider=self.value)
