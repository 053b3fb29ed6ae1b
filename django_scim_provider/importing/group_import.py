"""Groups of another implementation, each with all of its members in one transaction.

So a group that is there has been imported, and what happened to its members since then stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import ngettext

from django_scim_provider.core.profiles import GENERIC
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.core.validation.cleaning import clean
from django_scim_provider.core.validation.scim_ids import may_be_id, refuse_unfit_id
from django_scim_provider.importing.chunks import chunks
from django_scim_provider.importing.django_groups import keep_django_group
from django_scim_provider.importing.import_report import ImportOutcome, ImportReport
from django_scim_provider.importing.options import ImportOptions
from django_scim_provider.importing.records import ImportedGroup
from django_scim_provider.importing.stage import REFUSALS, ImportStage, reason_of
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.storage.groups.names import name_key
from django_scim_provider.storage.groups.store import GroupStore
from django_scim_provider.storage.portable.sight import Sight
from django_scim_provider.storage.request_context import inside
from django_scim_provider.storage.sql.key_lists import among_texts
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext, context_of
from django_scim_provider.storage.users.visibility import seen

GROUPS = 50
"""Groups that are asked for at a time."""
MEMBERS = 1000
"""Members that are asked for at a time."""
_CONTENT = GENERIC.with_switches({"leave_out_unknown": True})


@inside(context_of)
def import_groups(
    connection: ProviderConnection,
    rows: Iterable[ImportedGroup],
    *,
    options: ImportOptions | None = None,
    report: ImportReport | None = None,
) -> ImportReport:
    """Give a connection groups, under the ids that they have had until now, with their members.

    People come before their groups: who has no account of the connection is left out of them, and
    the report says how many. A group that is there is left as it is, whoever is in it by now.

    Raises:
        ValidationError: the connection is disabled or decommissioned.
        Unauthorized: it was closed meanwhile; what was stored by then stays.
    """
    return GroupImport(connection, options, report).run(rows, GROUPS)


class GroupImport(ImportStage[ImportedGroup]):
    """An import into one connection."""

    kind = "Group"

    def __init__(
        self,
        connection: ProviderConnection,
        options: ImportOptions | None,
        report: ImportReport | None,
    ) -> None:
        super().__init__(connection, options, report)
        self.store = GroupStore(self.context, self.resource_type)

    def batch(self, rows: Sequence[ImportedGroup]) -> None:
        """Import some, and note what became of each, in their order."""
        ids = [group.id for group in rows if group.id and may_be_id(group.id)]
        there: set[str] = set()
        if ids:
            found = self.store.groups.filter(among_texts(self.context.using, "scim_id", ids))
            there = set(found.values_list("scim_id", flat=True))
        for group in rows:
            try:
                outcome, reason = self._import(group, there)
            except REFUSALS as error:
                outcome, reason = ImportOutcome.SKIPPED, reason_of(error)
            self.note(group.name, group.id, outcome, reason)

    def _import(self, group: ImportedGroup, there: set[str]) -> tuple[ImportOutcome, str]:
        if group.problem:
            return ImportOutcome.SKIPPED, group.problem
        id = group.id if group.id in there else None
        resource = clean(
            {name: value for name, value in group.resource.items() if value not in (None, "")},
            self.resource_type,
            _CONTENT,
            context="create",
        )
        if group.id is None:
            id = self._id_of(resource)
        if id is not None:
            self._keep(id, group)
            return ImportOutcome.THERE, ""
        return ImportOutcome.IMPORTED, self._create(group, resource)

    def _id_of(self, resource: Resource) -> str | None:
        """Return the id of the group that an earlier run made of one that comes without."""
        wanted: dict[str, Any] = {"display_name_key": name_key(resource["displayName"])}
        if "externalId" in resource:
            wanted = {"external_id": resource["externalId"]}
        return self.store.groups.filter(**wanted).values_list("scim_id", flat=True).first()

    def _create(self, group: ImportedGroup, resource: Resource) -> str:
        """Make the group and return what was left out of it."""
        if group.id is not None:
            refuse_unfit_id(group.id)
        if self.options.dry_run:  # the members have no accounts yet
            return ""
        members, missing = self._members(group)
        resource["members"] = [{"value": id} for id in members]
        stored, _made = self.store.create(resource, scim_id=group.id)
        self._keep(stored.id, group)
        if not missing:
            return ""
        text = ngettext(
            "%(number)s member was left out, who has no account",
            "%(number)s members were left out, who have no account",
            missing,
        )
        return text % {"number": missing}

    def _keep(self, id: str, group: ImportedGroup) -> None:
        wanted = self.options.keep_django_groups and group.django_group is not None
        if wanted and not self.options.dry_run:
            keep_django_group(self.context, id, group.django_group)

    def _members(self, group: ImportedGroup) -> tuple[list[str], int]:
        """Return the ids of the members that there are, and how many others are named."""
        using, context = self.context.using, self.context
        accounts = LinkedAccount.objects.using(using).of(context.provider_id)
        in_sight = _ids_in_sight(context)
        found: dict[str, None] = {}
        missing = 0
        for users in chunks(dict.fromkeys(group.users), MEMBERS):
            ids = in_sight(accounts.filter(user__in=users))
            found.update(dict.fromkeys(ids))
            missing += len(users) - len(ids)
        for ids in chunks(dict.fromkeys(group.members), MEMBERS):
            there = self._known(accounts, ids, in_sight) | self._known(self.store.groups, ids, _ids)
            found.update(dict.fromkeys(id for id in ids if id in there))
            missing += len(set(ids) - there)
        return list(found), missing

    def _known(
        self, rows: QuerySet[Any], ids: Sequence[str], ask: Callable[[QuerySet[Any]], list[str]]
    ) -> set[str]:
        wanted = [id for id in ids if may_be_id(id)]
        if not wanted:
            return set()
        return set(ask(rows.filter(among_texts(self.context.using, "scim_id", wanted))))


def _ids_in_sight(context: StoreContext) -> Callable[[QuerySet[Any]], list[str]]:
    """Return what tells the ids of those among accounts whom the connection sees now."""
    if vendor_of(context.using).orm_only:
        sight = Sight(context)
        return lambda accounts: [id for (id,) in sight.rows(accounts, "scim_id")]
    only = seen(context.using, context.organization_id)
    return lambda accounts: _ids(accounts if only is None else accounts.filter(only))


def _ids(rows: QuerySet[Any]) -> list[str]:
    return list(rows.values_list("scim_id", flat=True))
