"""The members of a group as rows: who is one, and who comes and goes.

That is one statement, where the database writes inside of WITH. Ids are looked up, who left is
deleted and who came is inserted in one go: a change costs a look at each id that is named, and a
write of each row that differs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from django_scim_provider.core.validation.scim_ids import may_be_id
from django_scim_provider.models import (
    EventEffect,
    GroupMember,
    LinkedAccount,
    ProvisionedGroup,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.storage.history.effect_rows import KINDS, numbered_keys
from django_scim_provider.storage.portable import memberships
from django_scim_provider.storage.roles.usage import in_use_sql
from django_scim_provider.storage.sql.key_lists import among_texts
from django_scim_provider.storage.sql.running import fetch_all
from django_scim_provider.storage.sql.statements.compiled import condition_sql
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext


class Moved(NamedTuple):
    """What became of a change."""

    number: int
    """How many members came or went."""
    not_accounts: list[str]
    """The ids that were to be added and name no account in sight; nothing was done for them."""


def move_members(
    context: StoreContext,
    group: UUID,
    *,
    added: Sequence[str] = (),
    removed: Sequence[str] = (),
    cleared: bool = False,
    only: Q | None = None,
    event: UUID,
) -> Moved | None:
    """Take members away and add accounts, and tell of each, all in one statement.

    None, and nothing has happened, where a mapping of roles exists by now: then the users have to
    be locked before. ``cleared`` takes away all but those that ``added`` names, groups among them;
    ``removed`` names accounts and groups. ``only`` is the condition on accounts that may be added;
    see ``visibility.seen``. The ids are such as the database can hold. ``event`` is the key of the
    event that is going to tell of the change.
    """
    using, provider = context.using, context.provider_id
    sql = _move_sql(
        using, added=bool(added), removed=0 if cleared else min(len(removed), 2), cleared=cleared
    )
    parameters: list[Any] = [provider, provider]
    if added:
        parameters += [list(added), provider]
        if only is not None:
            condition = condition_sql(LinkedAccount, using, only) or ("FALSE", ())
            sql = sql.replace(_OPEN, condition[0], 1)
            parameters += condition[1]
    if cleared:
        parameters += [provider] if added else []
        parameters += [group]
    elif removed:
        parameters += [group, provider, list(removed), provider, list(removed)]
    if added:
        # One key for all, whose last digits count: they come in the order of their accounts.
        parameters += [uuid7().hex[:-_DIGITS], group, *([group] if cleared else [])]
    if added or cleared or removed:
        parameters += [numbered_keys(), event]
    # The plan of what is prepared expects ten in a list, whatever comes.
    varies = only is not None or len(added) + len(removed) > _FEW
    ((number, left, in_use),) = fetch_all(using, sql, parameters, varies=varies)
    return None if in_use else Moved(number, left)


def member_keys(using: str, group: UUID) -> set[UUID]:
    """Return the keys of the members of a group that is locked, as they are now."""
    if vendor_of(using).orm_only:
        rows = GroupMember.objects.using(using).filter(group_id=group).order_by()
        return set(rows.values_list("member_key", flat=True))
    parameter = _group.get_db_prep_save(group, connections[using])
    return {UUID(str(key)) for (key,) in fetch_all(using, _keys_sql(using), [parameter])}


def keys_and_members(
    using: str, group: UUID, rows: QuerySet[Any, Any], ids: Collection[str]
) -> tuple[dict[str, UUID], set[UUID]]:
    """Return the keys of accounts or groups by their ids, and those that are members, as it is now.

    ``rows`` are those of the connection; the group is locked.
    """
    wanted = [id for id in ids if may_be_id(id)]
    if not wanted:
        return {}, set()
    if vendor_of(using).orm_only:
        return memberships.keys_and_members(using, group, rows, wanted)
    quote = connections[using].ops.quote_name
    members, table = quote(GroupMember._meta.db_table), quote(rows.model._meta.db_table)
    own = f"SELECT 1 FROM {members} WHERE group_id = %s AND member_key = {table}.id"  # noqa: S608 - names of the models
    exists = f"CASE WHEN EXISTS ({vendor_of(using).read_current(own)}) THEN 1 ELSE 0 END"
    parameter = _group.get_db_prep_save(group, connections[using])
    is_member = RawSQL(exists, (parameter,), IntegerField())  # noqa: S611 - no input in its text
    found = rows.order_by().filter(among_texts(using, "scim_id", wanted))
    told = list(found.values_list("scim_id", "pk", is_member))
    return {id: key for id, key, _ in told}, {key for _, key, held in told if held}


@lru_cache(maxsize=16)
def _keys_sql(using: str) -> str:
    members = connections[using].ops.quote_name(GroupMember._meta.db_table)
    select = f"SELECT member_key FROM {members} WHERE group_id = %s"  # noqa: S608 - name of the model
    return vendor_of(using).read_current(select)


_group: Any = GroupMember._meta.get_field("group")
_FEW = 10
_OPEN = "(1 = 1)"
"""Where the condition on accounts goes."""
_DIGITS = 8


@lru_cache(maxsize=64)
def _move_sql(using: str, *, added: bool, removed: int, cleared: bool) -> str:
    """Return the statement; ``removed`` is 0 for none, 1 for one and 2 for many."""
    quote = connections[using].ops.quote_name
    accounts, groups, members = (
        quote(model._meta.db_table) for model in (LinkedAccount, ProvisionedGroup, GroupMember)
    )
    parts = {"roles (in_use)": f"SELECT {in_use_sql(using)}"}
    if added:
        parts["named (scim_id, account)"] = (
            f"SELECT given, {accounts}.id FROM unnest(%s::text[]) AS given LEFT JOIN {accounts} "  # noqa: S608 - names of the models
            f"ON {accounts}.provider_id = %s AND {accounts}.scim_id = given AND {_OPEN}"
        )
    stay = ""
    if cleared and added:
        parts["kept (id)"] = (
            "SELECT account FROM named WHERE account IS NOT NULL UNION ALL "  # noqa: S608 - as above
            f"SELECT id FROM {groups} WHERE provider_id = %s "
            "AND scim_id = ANY(ARRAY(SELECT scim_id FROM named WHERE account IS NULL))"
        )
        # Hashed, which a join with what the planner knows nothing of is not for sure.
        stay = "AND member_key NOT IN (SELECT id FROM kept)"
    if removed == 1:
        # Equal to one value, the key is looked up in the index whatever the planner believes.
        stay = (
            f"AND member_key = (SELECT COALESCE((SELECT id FROM {accounts} "  # noqa: S608 - as above
            "WHERE provider_id = %s AND scim_id = ANY(%s::text[])), "
            f"(SELECT id FROM {groups} WHERE provider_id = %s AND scim_id = ANY(%s::text[]))))"
        )
    elif removed:
        stay = (
            f"AND member_key = ANY(ARRAY(SELECT id FROM {accounts} "  # noqa: S608 - as above
            "WHERE provider_id = %s AND scim_id = ANY(%s::text[]) "
            f"UNION ALL SELECT g.id FROM {groups} AS g WHERE g.provider_id = %s "
            f"AND g.scim_id = ANY(%s::text[]) AND NOT EXISTS (SELECT 1 FROM {accounts} AS a "
            "WHERE a.provider_id = g.provider_id AND a.scim_id = g.scim_id)))"
        )
    if cleared or removed:
        parts["gone"] = (
            f"DELETE FROM {members} WHERE group_id = %s {stay} {_FREE} "  # noqa: S608 - as above
            "RETURNING member_key"
        )
    if added:
        # A conflict is seen by the index; who replaces all of many had better not come to one.
        missing = f"AND account NOT IN (SELECT member_key FROM {members} WHERE group_id = %s) "  # noqa: S608 - as above
        parts["came"] = (
            f"INSERT INTO {members} (id, group_id, account_id, member_key) "  # noqa: S608 - as above
            "SELECT (%s::text || lpad(to_hex(row_number() OVER (ORDER BY account)), "
            f"{_DIGITS}, '0'))::uuid, %s::uuid, account, account FROM named "
            f"WHERE account IS NOT NULL {_FREE} {missing if cleared else ''}ORDER BY account "
            "ON CONFLICT (group_id, member_key) DO NOTHING RETURNING member_key"
        )
    moved = [
        f"SELECT member_key, '{kind.value}' AS kind FROM {name}"  # noqa: S608 - constants
        for name, kind in (("gone", KINDS.LEFT), ("came", KINDS.JOINED))
        if name in parts
    ]
    if moved:
        key = vendor_of(using).numbered_key("member_key")
        parts["told"] = (
            f"INSERT INTO {quote(EventEffect._meta.db_table)} "  # noqa: S608 - as above
            "(id, event_id, subject, kind, role, through) "
            f"SELECT {key}, %s::uuid, member_key, kind, '', NULL "
            f"FROM ({' UNION ALL '.join(moved)}) AS moved"
        )
    counts = [f"(SELECT count(*) FROM {name})" for name in ("gone", "came") if name in parts]  # noqa: S608 - constants
    left = "ARRAY(SELECT scim_id FROM named WHERE account IS NULL)" if added else "ARRAY[]::text[]"
    written = ", ".join(f"{name} AS ({sql})" for name, sql in parts.items())
    return f"WITH {written} SELECT {' + '.join(counts)}, {left}, in_use FROM roles"  # noqa: S608 - as above


_FREE = "AND NOT (SELECT in_use FROM roles)"
