"""The app's configuration."""

from __future__ import annotations

import logging
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import checks
from django.db.models.signals import pre_delete
from django.utils.translation import gettext_lazy as _

from django_scim_provider.observability.logs import RequestIDFilter


class SCIMProviderConfig(AppConfig):
    """SCIM 2.0 service provider."""

    name = "django_scim_provider"
    label = "scim_provider"
    verbose_name = _("SCIM provisioning")

    def ready(self) -> None:
        """Register the system checks, and what follows from log-ins and the deletion of a user.

        The app's own log records are made to carry the id of the request.
        """
        from django_scim_provider.checks import check_deployment, check_settings  # needs the apps
        from django_scim_provider.checks.data import check_data
        from django_scim_provider.checks.way_in import (
            check_middleware,
            check_routes,
            check_serving,
        )
        from django_scim_provider.connections.recent_login import remember_log_in
        from django_scim_provider.log_in.bound_sessions import remember_connection
        from django_scim_provider.storage.deletions.own_rows import OWNERS_UID

        logging.getLogger(self.name).addFilter(RequestIDFilter())
        checks.register(check_settings)
        checks.register(check_deployment, checks.Tags.security, deploy=True)
        checks.register(check_routes, checks.Tags.urls)
        checks.register(check_middleware)
        checks.register(check_serving, deploy=True)
        checks.register(check_data, checks.Tags.database)
        pre_delete.connect(
            _end_tokens,
            sender=settings.AUTH_USER_MODEL,
            dispatch_uid=OWNERS_UID,
        )
        user_logged_in.connect(remember_log_in, dispatch_uid=f"{self.name}.recent_login")
        user_logged_in.connect(remember_connection, dispatch_uid=f"{self.name}.log_in")


def _end_tokens(instance: Any, **_: Any) -> None:
    """End the tokens of the personal connections of a user who is about to be deleted."""
    from django_scim_provider.tokens.service import revoke_tokens_of_owner  # needs the models

    revoke_tokens_of_owner(instance)
