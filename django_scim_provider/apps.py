"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from django_scim_provider.checks import check_deployment, check_settings


class SCIMProviderConfig(AppConfig):
    """SCIM 2.0 service provider."""

    name = "django_scim_provider"
    label = "scim_provider"
    verbose_name = _("SCIM provisioning")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        checks.register(check_settings)
        checks.register(check_deployment, checks.Tags.security, deploy=True)
