"""A group that has been a Django group until now goes on being one, by a mapping.

Its members have the Django group from before. What a user has from before is the project's and
never taken away, so it is noted as granted: whoever leaves the group in the directory loses it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from django_scim_provider.adapter import get_adapter
from django_scim_provider.importing.chunks import chunks
from django_scim_provider.models import GroupMember, LinkedAccount, RoleGrant, RoleMapping
from django_scim_provider.storage.connection_gate import hold_open
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.locks import lock_users
from django_scim_provider.storage.roles.targets import RoleTarget
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.transactions import in_transaction

USERS = 500
"""Users of a statement."""


def has_django_groups() -> bool:
    """Tell whether users of the project have Django groups."""
    fields = get_user_model()._meta.many_to_many
    return any(field.name == "groups" and field.related_model is Group for field in fields)


def keep_django_group(context: StoreContext, id: str, django_group: Any) -> None:
    """Map a group of the connection to a Django group, unless it is already."""
    using = context.using
    same: dict[str, Any] = {
        "provider_id": context.provider_id,
        "match_by": RoleMapping.MatchBy.ID,
        "value": id,
        "django_group_id": django_group,
    }

    def work() -> None:
        hold_open(context)
        if RoleMapping.objects.using(using).filter(**same).exists():
            return
        holders = _holders(context, id, django_group)
        held = lock_users(using, holders)
        RoleMapping.objects.using(using).create(**same)
        target = RoleTarget(django_group_id=django_group)
        own: dict[str, Any] = {"provider_id": context.provider_id}
        for keys in chunks(sorted(held, key=str), USERS):
            grants = RoleGrant.objects.using(using)
            noted = set(
                grants.filter(user__in=keys, target_key=target.key, **own).values_list(
                    "user_id", flat=True
                )
            )
            rows = [RoleGrant(user_id=key, **own, **target._asdict()) for key in keys]
            grants.bulk_create([row for row in rows if row.user_id not in noted])
        told = {"resource_type": "Group", "resource_id": id}
        record_management(using, context.provider_id, "create_mapping", **told)

    in_transaction(using, context.provider_id, work)


def _holders(context: StoreContext, id: str, django_group: Any) -> list[Any]:
    """Return the keys of the members who have the Django group, and are nobody protected."""
    using, model = context.using, get_user_model()
    own: dict[str, Any] = {"group__provider_id": context.provider_id, "group__scim_id": id}
    in_use: dict[str, Any] = {"account__active": True, "account__released_at": None}
    members = GroupMember.objects.using(using).filter(**own, **in_use)
    users = model._default_manager.using(using).filter(groups=django_group).order_by("pk")
    adapter = get_adapter(context.for_project())
    if vendor_of(using).orm_only:
        owners = LinkedAccount.objects.using(using)
        keys = list(members.order_by("pk").values_list("account_id", flat=True))
        found = [
            user
            for batch in chunks(keys, USERS)
            for user in users.filter(
                pk__in=list(owners.filter(pk__in=batch).values_list("user_id", flat=True))
            )
        ]
    else:
        found = list(users.filter(pk__in=members.values("account__user_id")))
    return [user.pk for user in found if not adapter.is_protected(user)]
