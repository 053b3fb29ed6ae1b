"""What importing people and importing groups have in common: one connection, row by row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from django.db import IntegrityError
from django.utils.translation import gettext as _

from django_scim_provider.connections.lifecycle import refuse_unusable
from django_scim_provider.core.errors import SCIMError, Unauthorized, Unavailable
from django_scim_provider.importing.chunks import chunks
from django_scim_provider.importing.import_report import ImportOutcome, ImportReport
from django_scim_provider.importing.options import ImportOptions
from django_scim_provider.models import ProviderConnection
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.store_context import context_of

Row = TypeVar("Row")
REFUSALS = (IntegrityError, SCIMError)
"""What a row may be refused by, without an end to the import; see ``reason_of``."""


class ImportStage(ABC, Generic[Row]):
    """An import of people or of groups into one connection.

    Raises:
        ValidationError: the connection is disabled or decommissioned.
    """

    kind: ClassVar[str]
    """Of resource."""

    def __init__(
        self,
        connection: ProviderConnection,
        options: ImportOptions | None,
        report: ImportReport | None,
    ) -> None:
        refuse_unusable(connection)
        self.options = options or ImportOptions()
        self.report = report or ImportReport()
        self.context = context_of(connection)
        self.resource_type = get_registry().by_name(self.kind).resource_type

    def run(self, rows: Iterable[Row], size: int) -> ImportReport:
        """Import all, so many at a time, and return the report."""
        done = 0
        for chunk in chunks(rows, size):
            self.batch(chunk)
            done += len(chunk)
            if self.options.progress is not None:
                self.options.progress(done)
        return self.report

    @abstractmethod
    def batch(self, rows: Sequence[Row]) -> None:
        """Import some, and note what became of each, in their order."""

    def note(self, name: str, id: str | None, outcome: ImportOutcome, reason: str = "") -> None:
        """Note what became of a row."""
        self.report.note(self.kind, name, id, outcome, reason)


def reason_of(error: IntegrityError | SCIMError) -> str:
    """Return why a row was refused.

    Raises:
        Unauthorized, Unavailable: the error is about the connection or the database, and ends it.
    """
    if isinstance(error, (Unauthorized, Unavailable)):
        raise error
    return error.detail if isinstance(error, SCIMError) else _("a constraint refuses it")
