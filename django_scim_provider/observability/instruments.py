"""Instruments: what counts, times or traces SCIM requests, as ``INSTRUMENTS`` names it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings, until_settings_change
from django_scim_provider.observability.exchange import Exchange
from django_scim_provider.observability.repetition import log_fault

logger = logging.getLogger("django_scim_provider")

NAMED = {
    "prometheus": "django_scim_provider.observability.prometheus.PrometheusInstrument",
    "opentelemetry": "django_scim_provider.observability.opentelemetry.OpenTelemetryInstrument",
}
"""The instruments that come with the app. Each needs the extra of its name."""
_making = threading.Lock()


class Instrument:
    """Is called when a SCIM request begins and ends; one instance serves all threads.

    It is made once in a process, without arguments. What it raises is logged and changes no
    request. Subclasses override what they need.
    """

    def begin(self, exchange: Exchange) -> Any:
        """Return what ``end`` is given back; before anybody is authenticated."""
        return None

    def end(self, exchange: Exchange, begun: Any) -> None:
        """Take note of a request that was answered, or that nobody answered (status 500)."""


def get_instruments() -> tuple[Instrument, ...]:
    """Return the instruments in use; one that cannot be made is logged, and left out.

    Provisioning goes on without its metrics. System check ``scim_provider.E008`` finds it earlier.
    """
    with _making:
        return _instruments()


@until_settings_change
def _instruments() -> tuple[Instrument, ...]:
    made = []
    for name in get_settings().INSTRUMENTS:
        try:
            made.append(import_string(NAMED.get(name, name))())
        except Exception:
            logger.exception("The SCIM instrument %s cannot be used", name)
    return tuple(made)


def begin_all(instruments: Sequence[Instrument], exchange: Exchange) -> list[Any]:
    """Tell all instruments that a request begins; return what they want back."""
    return [_guarded(each.begin, exchange) for each in instruments]


def end_all(instruments: Sequence[Instrument], exchange: Exchange, begun: Sequence[Any]) -> None:
    """Tell all instruments, the last first, that a request ended."""
    for place in range(len(instruments) - 1, -1, -1):
        _guarded(instruments[place].end, exchange, begun[place])


def _guarded(method: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return method(*arguments)
    except Exception as problem:
        text = "A SCIM instrument failed: %s"
        log_fault(logger, logging.ERROR, text, method.__qualname__, exc=problem)
        return None
