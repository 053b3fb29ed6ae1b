"""The strict mode: it fails on what the portable way forbids, or collects it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db.models import Model

from tests.portable.constructs import ELSEWHERE, Construct, ForbiddenConstruct, Violation
from tests.portable.frames import is_own, place_of_ours
from tests.portable.watching.compilers import watch_compilers
from tests.portable.watching.cursors import watch_cursors
from tests.portable.watching.transactions import watch_transactions


class Watch:
    """Told of each forbidden construct; it judges who asked for it."""

    def __init__(self, *, fails: bool) -> None:
        self.fails = fails
        self.violations: list[Violation] = []
        """Since ``take`` was called; a handler of the app may have caught what was raised."""

    def report(self, construct: Construct, detail: str, model: type[Model] | None = None) -> None:
        """Keep what the app did, and raise it where the mode fails.

        Raises:
            ForbiddenConstruct: it was the app, and no page that may take long.
        """
        place = place_of_ours(own_rows=is_own(model))
        if place is None or (construct.is_slow_only and place.is_page):
            return
        if (place.file, construct) in ELSEWHERE:
            return
        violation = Violation(construct, detail, place)
        self.violations.append(violation)
        if self.fails:
            raise ForbiddenConstruct(violation)

    def take(self) -> list[Violation]:
        """Return what was met, and forget it."""
        taken, self.violations = self.violations, []
        return taken


@contextmanager
def watching(*, fails: bool = True) -> Iterator[Watch]:
    """Watch the ORM, cursors and transactions."""
    watch = Watch(fails=fails)
    with pytest.MonkeyPatch.context() as patched:
        watch_compilers(patched, watch.report)
        watch_cursors(patched, watch.report)
        watch_transactions(patched, watch.report)
        yield watch
