"""The example's users and devices in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from example.models import Device, User


@admin.register(User)
class ExampleUserAdmin(UserAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """Django's own pages, and the two columns of the extension."""

    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Workplace", {"fields": ("badge_number", "desk")}),
    )


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """Devices, for looking only: the identity provider keeps them."""

    list_display = ("name", "serial_number", "provider")
    search_fields = ("name", "serial_number")

    def has_add_permission(self, request: object) -> bool:
        """Nobody adds one here."""
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        """Nobody changes one here."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """Nobody deletes one here."""
        return False
