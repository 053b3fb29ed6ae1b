"""Accounts in the admin, to read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from django_scim_provider.admin.ownership import OwnedAdmin
from django_scim_provider.models import LinkedAccount


@admin.register(LinkedAccount)
class LinkedAccountAdmin(OwnedAdmin):
    """Accounts are the identity provider's to change. Deleting one only unlinks its user."""

    list_display = ("user_name", "provider", "external_id", "active", "user", "last_modified")
    list_filter = ("active",)
    list_select_related = ("provider", "user")
    search_fields = ("user_name", "user_name_key", "external_id", "provider__provider_id")
    fields: ClassVar = (
        "id",
        "provider",
        "user_name",
        "external_id",
        "account_id",
        "user",
        "active",
        "created_user",
        "manages_profile",
        "resource",
        "version",
        "created_at",
        "last_modified",
    )
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: accounts come by SCIM."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the identity provider would not know."""
        return False
