"""``manage.py scim_send_notices``: send webhooks, and tell people what is wrong."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from django_scim_provider.conf import get_settings
from django_scim_provider.notices.telling import tell_people
from django_scim_provider.webhooks.sender import prune_messages, send_waiting

PAUSE = 1.0
"""Seconds between two looks where nothing is due."""


class Command(BaseCommand):
    """Any number of them may run at the same time."""

    help = (
        "Send what waits for webhooks, and tell people of tokens that expire, of connections that "
        "are silent or fail, and of drift."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--loop", action="store_true", help="go on until it is stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send what is due, once or until a signal comes.

        Raises:
            CommandError: there are webhooks, and the extra ``encryption`` is not installed.
        """
        with _stopped_by_signals() as stop:
            delivered = self._run(stop)
            while options["loop"] and not stop.wait(PAUSE):
                close_old_connections()
                delivered += self._run(stop)
        if options["verbosity"] > 0:
            self.stdout.write(f"{delivered} messages were delivered.")

    def _run(self, stop: threading.Event) -> int:
        using = get_settings().DATABASE
        try:
            tell_people(using)
            delivered = send_waiting(using, stop)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        prune_messages(using)
        return delivered


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Yield what is set by Ctrl-C and SIGTERM: calls that are under way come to an end before."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
