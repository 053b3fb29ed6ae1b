"""Deleting several mappings: shown before, for each connection, and then done as it was shown."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import actions
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.console.touched import VIEW_ACCOUNTS
from django_scim_provider.admin.mapping_pages.effects_shown import (
    EffectOfMapping,
    effects_of_deleting,
)
from django_scim_provider.admin.mapping_pages.mapping_form import SHOWN

MOST = 100
"""Mappings that are deleted together, so that all of what it does can be shown."""


def without_answers(request: HttpRequest) -> HttpRequest:
    """Return the request as one that only asks for the page."""
    asked: Any = copy(request)
    asked.method = "GET"
    asked.POST = QueryDict()
    return asked  # type: ignore[no-any-return]  # a request, of whatever class


@admin.action(permissions=["delete"], description=_("Delete selected %(verbose_name_plural)s"))
def delete_selected(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Show who loses what; delete for those who saw it."""
    if queryset[: MOST + 1].count() > MOST:
        told = gettext("Choose %(most)d mappings at most.") % {"most": MOST}
        model_admin.message_user(request, told, messages.ERROR)
        return None
    effects = effects_of_deleting(queryset)
    fingerprint = _fingerprint(effects)
    if request.POST.get(SHOWN) != fingerprint:
        request = _unconfirmed(request)
    answer: Any = actions.delete_selected(model_admin, request, queryset)
    if answer is not None:
        answer.context_data |= {
            "effects": effects,
            "fingerprint": fingerprint,
            "shown_as": SHOWN,
            "sees_people": request.user.has_perm(VIEW_ACCOUNTS),
        }
    return answer  # type: ignore[no-any-return]  # the page, or nothing


def _unconfirmed(request: HttpRequest) -> HttpRequest:
    asked: Any = copy(request)
    answers = request.POST.copy()
    answers.pop("post", None)
    asked.POST = answers
    return asked  # type: ignore[no-any-return]  # a request, of whatever class


def _fingerprint(effects: list[EffectOfMapping]) -> str:
    parts = "\n".join(effect.fingerprint for effect in effects)
    return salted_hmac("django_scim_provider.mappings", parts, algorithm="sha256").hexdigest()
