"""The actions of the list of connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from django_scim_provider.admin.bulk_actions.bulk_page import BulkPage
from django_scim_provider.admin.bulk_actions.exporting import BulkExportPage
from django_scim_provider.admin.bulk_actions.repairing import BulkRepairPage
from django_scim_provider.admin.bulk_actions.rotation import BulkRotatePage
from django_scim_provider.admin.bulk_actions.switching import BulkDisablePage, BulkEnablePage
from django_scim_provider.admin.ownership import OwnedAdmin

BULK_PAGES: tuple[type[BulkPage], ...] = (
    BulkDisablePage,
    BulkEnablePage,
    BulkRotatePage,
    BulkExportPage,
    BulkRepairPage,
)
"""In the order in which the list offers them."""


def asking(page: type[BulkPage]) -> Callable[..., HttpResponse | None]:
    """Return the action of the list that asks, as Django calls it."""

    @admin.action(description=page.title, permissions=[f"bulk_{page.slug}"])
    def ask(
        model_admin: OwnedAdmin, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        return page(model_admin).ask(request, queryset)

    ask.__name__ = f"bulk_{page.slug}"
    return ask


class BulkActions(OwnedAdmin):
    """Offers each action to those who have its permission."""

    actions = tuple(asking(page) for page in BULK_PAGES)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages that act."""
        return [*(page(self).route() for page in BULK_PAGES), *super().get_urls()]


def permission_of(page: type[BulkPage]) -> Callable[[OwnedAdmin, HttpRequest], bool]:
    """Return what Django asks before it offers an action."""

    def is_permitted(model_admin: OwnedAdmin, request: HttpRequest) -> bool:
        return page(model_admin).is_permitted(request)

    return is_permitted


for _page in BULK_PAGES:
    setattr(BulkActions, f"has_bulk_{_page.slug}_permission", permission_of(_page))
