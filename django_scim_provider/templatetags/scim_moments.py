"""Moments as templates tell them."""

from __future__ import annotations

from datetime import datetime

from django import template

from django_scim_provider.insight.moments_told import ago as told

register = template.Library()


@register.filter
def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was; see ``insight.moments_told``."""
    return told(moment, now)
