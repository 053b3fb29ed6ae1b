"""Moments: UTC in our tables and on the wire, whatever the project's ``USE_TZ`` says.

With ``USE_TZ = False`` Django's times are naive, in ``TIME_ZONE``. In the hour that comes twice
when clocks are put back, two moments then look alike, and most databases refuse to store an aware
time. So our columns hold UTC in any case, and Python sees what the project's other fields have:
aware times, or naive ones whose ``fold`` tells the two hours apart. What is compared in Python is
compared as ``utc`` of it, since naive times are compared without their ``fold``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_now() -> datetime:
    """Return the present, aware and in UTC."""
    return datetime.now(UTC)


def utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one that is naive is of ``TIME_ZONE``."""
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, timezone.get_default_timezone())
    return moment.astimezone(UTC)


def moment_of(number: int | None, expression: Any, connection: BaseDatabaseWrapper) -> Any:
    """Return the moment of so many microseconds since 1970, as Django's fields give it; or None.

    A driver takes longer to read one that a database tells as a text.
    """
    if number is None:
        return None
    moment, zone = _EPOCH + timedelta(microseconds=number), connection.timezone
    if zone is None:
        return moment.astimezone(timezone.get_default_timezone()).replace(tzinfo=None)
    return moment.astimezone(zone)


def local(moment: datetime) -> datetime:
    """Return a moment in the current time zone, aware, for a person to read."""
    return timezone.localtime(utc(moment))


def as_held(moment: datetime) -> datetime:
    """Return a moment as the project's fields have it: naive with ``USE_TZ = False``."""
    if settings.USE_TZ:
        return moment if timezone.is_aware(moment) else utc(moment)
    if timezone.is_naive(moment):
        return moment
    return moment.astimezone(timezone.get_default_timezone()).replace(tzinfo=None)


class MomentField(models.DateTimeField):  # type: ignore[type-arg]  # generic for type checkers only
    """A time that is stored in UTC, and given to Python as the project's other fields give theirs.

    Look-ups and values may be naive or aware. With ``USE_TZ = True`` it is Django's own field.
    """

    def from_db_value(
        self, value: datetime | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> datetime | None:
        """Return what a database without time zones holds as the project has it."""
        if value is None or settings.USE_TZ or connection.features.supports_timezones:
            return value
        return as_held(value.replace(tzinfo=UTC))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Leave on the instance what reading the row again would give."""
        filled_in = self.auto_now or (self.auto_now_add and add)
        value = utc_now() if filled_in else getattr(model_instance, self.attname)
        if isinstance(value, datetime) and (filled_in or not settings.USE_TZ):
            value = as_held(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Return an aware time, in UTC where the project has naive ones."""
        prepared = super().get_prep_value(value)
        if isinstance(prepared, datetime) and not settings.USE_TZ:
            return utc(prepared)
        return prepared

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        """Return the time as the driver takes it: without its zone where columns have none."""
        if value.__class__ is datetime and value.tzinfo and connection.features.supports_timezones:
            # It is a moment already, whatever the project's settings say of others.
            return connection.ops.adapt_datetimefield_value(value)
        if not prepared:
            value = self.get_prep_value(value)
        if isinstance(value, datetime) and not settings.USE_TZ:
            has_zones = connection.features.supports_timezones
            value = value if has_zones else value.replace(tzinfo=None)
        return super().get_db_prep_value(value, connection, prepared=True)
