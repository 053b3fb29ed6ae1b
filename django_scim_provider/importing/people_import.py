"""People of another implementation become accounts of a connection, batch by batch.

A batch is a transaction of few statements. Where a constraint refuses it, each of its people is
tried alone, so that one cannot keep the others out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django_scim_provider.importing.import_report import ImportOutcome, ImportReport
from django_scim_provider.importing.mapped_rows import Source, mapped_rows
from django_scim_provider.importing.options import ImportOptions
from django_scim_provider.importing.people_screening import Candidate, PeopleScreening
from django_scim_provider.importing.records import ImportedPerson
from django_scim_provider.importing.stage import REFUSALS, ImportStage, reason_of
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import utc
from django_scim_provider.storage.connection_gate import hold_open
from django_scim_provider.storage.events import record_change, write_batch
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.sql.statements.writes import Writes
from django_scim_provider.storage.store_context import EventBatch, context_of
from django_scim_provider.storage.timestamps import now_after
from django_scim_provider.storage.transactions import in_transaction
from django_scim_provider.storage.users.host_users import HostUser
from django_scim_provider.storage.users.reading import UserReader
from django_scim_provider.storage.users.writing.new_accounts import NewAccount, insert_accounts

MOST_EMAILS = 4000
"""Addresses of one transaction: six parameters each, and SQLite takes 32,766."""


@inside(context_of)
def import_people(
    connection: ProviderConnection,
    rows: Iterable[Any],
    *,
    mapping: Mapping[str, Source] | None = None,
    match: str = "pk",
    options: ImportOptions | None = None,
    report: ImportReport | None = None,
) -> ImportReport:
    """Give people accounts of a connection, under the ids that they have had until now.

    ``rows`` are ``ImportedPerson``, or anything with a ``mapping``: a queryset, objects, dicts. The
    mapping says by paths of SCIM where each value comes from: the name of a column or attribute
    (``profile__title`` goes through a relation), or a function of the row. ``id`` is the SCIM id;
    ``user`` is the user of the project, or the value that one alone has in the field ``match`` of
    the user model; without ``user`` the row itself is one.

    Who has an account already is left as they are. Skipped, with the reason, are staff, superusers
    and the owner of the connection unless ``options`` name them, and whoever wants what is taken.

    Raises:
        ValidationError: the connection is disabled or decommissioned.
        Unauthorized: it was closed meanwhile; what was stored by then stays.
    """
    work = PeopleImport(connection, options, report)
    people = rows if mapping is None else mapped_rows(rows, mapping, match)
    return work.run(people, work.options.batch_size)


class PeopleImport(ImportStage[ImportedPerson]):
    """An import into one connection."""

    kind = "User"

    def __init__(
        self,
        connection: ProviderConnection,
        options: ImportOptions | None,
        report: ImportReport | None,
    ) -> None:
        super().__init__(connection, options, report)
        self.screening = PeopleScreening(self.context, self.resource_type, self.options)

    def batch(self, rows: Sequence[ImportedPerson]) -> None:
        """Import some, and note what became of each, in their order."""
        candidates = self.screening.screened(rows)
        if not self.options.dry_run:
            fit = [each for each in candidates if not (each.is_there or each.problem)]
            for part in _parts(fit):
                self._store(part)
        for candidate in candidates:
            outcome = ImportOutcome.SKIPPED if candidate.problem else ImportOutcome.IMPORTED
            if candidate.is_there:
                outcome = ImportOutcome.THERE
            person = candidate.person
            self.note(person.name, person.id, outcome, candidate.problem)

    def _store(self, candidates: Sequence[Candidate]) -> None:
        def work() -> None:
            self._insert(candidates)

        try:
            in_transaction(self.context.using, self.context.provider_id, work)
        except REFUSALS as error:
            reason = reason_of(error)
            if len(candidates) == 1:
                candidates[0].problem = reason
                return
            for candidate in candidates:
                self._store([candidate])

    def _insert(self, candidates: Sequence[Candidate]) -> None:
        hold_open(self.context)
        events = EventBatch(started=None)
        told = replace(self.context, events=events)
        index = UserReader(self.context, self.resource_type).unique_index
        accounts = [self._account(candidate) for candidate in candidates]
        insert_accounts(self.context, self.resource_type, accounts, Writes(self.context.using))
        for account in accounts:
            index.claim(account.key, account.resource)
            record_change(
                told,
                "adopt",
                self.resource_type.name,
                account.id,
                status=201,
                key=account.event,
            )
        write_batch(self.context.using, events)

    def _account(self, candidate: Candidate) -> NewAccount:
        person, key, now = candidate.person, uuid7(), now_after()
        created = now if person.created is None else min(now, utc(person.created))
        manages = self.options.manages_profile and not candidate.is_managed
        return NewAccount(
            key,
            person.id or str(key),
            created.replace(microsecond=created.microsecond // 1000 * 1000),
            candidate.resource,
            candidate.keys,
            HostUser(person.user, self.options.made_here, manages),
            modified=now,
        )


def _parts(candidates: Sequence[Candidate]) -> Iterable[list[Candidate]]:
    """Yield them in parts that do not have too many addresses."""
    part: list[Candidate] = []
    emails = 0
    for candidate in candidates:
        own = len(candidate.resource.get("emails", ()))
        if part and emails + own > MOST_EMAILS:
            yield part
            part, emails = [], 0
        part.append(candidate)
        emails += own
    if part:
        yield part
