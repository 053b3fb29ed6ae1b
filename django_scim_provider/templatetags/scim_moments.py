"""Moments as templates tell them."""

from __future__ import annotations

from datetime import datetime

from django import template

from django_scim_provider.insight import moments_told

register = template.Library()


@register.filter
def ago(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago a moment was; see ``insight.moments_told``."""
    return moments_told.ago(moment, now)


@register.filter
def in_full(moment: datetime | None, form: str = "DATETIME_FORMAT") -> str:
    """Return a moment with its zone, and nothing of none; see ``insight.moments_told``."""
    return "" if moment is None else moments_told.in_full(moment, form)


@register.filter
def to_the_second(moment: datetime) -> str:
    """Return a moment with its seconds and zone; see ``insight.moments_told``."""
    return moments_told.to_the_second(moment)
