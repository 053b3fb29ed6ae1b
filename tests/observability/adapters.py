"""Adapters that log, and that fail in the ways of projects."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth import get_user_model

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.observability import current_exchange, current_request_id
from tests.observability import instruments

HERE = "tests.observability.adapters"

logger = logging.getLogger("shop.scim")


class Logging(DefaultAdapter):
    """Writes a line of the project's own, and keeps what it was told."""

    told: list[Any] = []  # noqa: RUF012 - shared by the instances that requests make

    def create_user(self, resource: Any, fields: dict[str, Any]) -> Any:
        logger.info("an onboarding mail is sent")
        self.told.append((current_request_id(), current_exchange()))
        return super().create_user(resource, fields)


class Tracing(DefaultAdapter):
    """Does something that is traced."""

    def create_user(self, resource: Any, fields: dict[str, Any]) -> Any:
        with instruments.providers[-1].get_tracer("shop").start_as_current_span("onboarding"):
            return super().create_user(resource, fields)


class Talking(DefaultAdapter):
    """Fails with the person in the text of the exception."""

    def create_user(self, resource: Any, fields: dict[str, Any]) -> Any:
        try:
            raise LookupError(f"no department for {resource['userName']}")
        except LookupError as problem:
            raise ValueError(f"cannot make {resource['name']['familyName']}") from problem


class Doubling(DefaultAdapter):
    """Makes the database quote a value."""

    def create_user(self, resource: Any, fields: dict[str, Any]) -> Any:
        model = get_user_model()
        model._default_manager.create(**{model.USERNAME_FIELD: resource["userName"]})
        model._default_manager.create(**{model.USERNAME_FIELD: resource["userName"]})


class Leaving(DefaultAdapter):
    """Ends the worker, as a server does that has waited too long."""

    def create_user(self, resource: Any, fields: dict[str, Any]) -> Any:
        raise SystemExit(1)
