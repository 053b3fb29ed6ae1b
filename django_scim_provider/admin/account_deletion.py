"""Deleting accounts in the admin: what becomes of their users is said before."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS, file_of, touched
from django_scim_provider.connections.consequences import of_unlinking
from django_scim_provider.models import LinkedAccount

MOST = 1000
"""Accounts that are deleted together; decommissioning a connection releases any number."""
CSV = "_csv"


def of_one(model_admin: Any, request: HttpRequest, object_id: str) -> dict[str, Any]:
    """Return what the page says of the account that is about to be deleted."""
    found = model_admin.get_object(request, unquote(object_id))
    if found is None:
        return {}
    rows = LinkedAccount.objects.using(found._state.db).filter(pk=found.pk)
    return {"touched": touched(request, of_unlinking(rows), 1)}


@admin.action(permissions=["delete"], description=_("Delete selected %(verbose_name_plural)s"))
def delete_selected(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[LinkedAccount]
) -> HttpResponseBase | None:
    """Say whom it touches; delete once that is confirmed."""
    count = queryset.order_by()[: MOST + 1].count()
    if count > MOST:
        told = gettext(
            "Choose %(most)d accounts at most. To let go of everybody, decommission the connection."
        )
        model_admin.message_user(request, told % {"most": MOST}, messages.ERROR)
        return None
    if CSV in request.POST and request.user.has_perm(VIEW_ACCOUNTS):
        ids = sorted(set(queryset.order_by().values_list("provider", flat=True)))
        return file_of(request, "accounts", of_unlinking(queryset), ids)
    answer: Any = actions.delete_selected(model_admin, request, queryset)
    if answer is not None:
        answer.context_data["touched"] = touched(request, of_unlinking(queryset), count)
        answer.context_data["csv_button"] = CSV
    return answer  # type: ignore[no-any-return]  # the page, or nothing
