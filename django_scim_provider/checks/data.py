"""The settings against the project's data: checked by ``check --database`` and ``migrate``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.db import DatabaseError, connections

from django_scim_provider.checks import check_settings
from django_scim_provider.checks.entries import error, warning
from django_scim_provider.checks.log_ins import unbound_log_ins
from django_scim_provider.checks.outgoing_calls import check_decryption
from django_scim_provider.conf import SETTING, get_settings
from django_scim_provider.models import ProviderConnection
from django_scim_provider.models.connection_profiles import profile_problem, stored_profile
from django_scim_provider.organizations import (
    MembershipModelBackend,
    get_organization_backend,
    is_active_organization,
)
from django_scim_provider.registry import indexed_attributes
from django_scim_provider.storage.sql.indexed.attribute_indexes import unserved_attributes
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.transactions import savepoint
from django_scim_provider.storage.user_indexes import unserved_look_ups


def check_data(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn of organizations and profiles that do not exist, missing owners and missing indexes.

    An owner has one of the ``owner_roles``. These are warnings, since ``migrate`` asks: the first
    one runs before there can be any organization.
    """
    if any(message.is_serious() for message in check_settings()):
        return []  # reported by a check of its own
    settings = get_settings()
    if settings.DATABASE not in (databases or ()):
        return []
    connection = connections[settings.DATABASE]
    try:
        if vendor_of(connection).lacks_transactions(connection):
            return [error("E015", _ALONE.format(settings.DATABASE), _REPLICA_SET)]
        with savepoint(settings.DATABASE):
            missing = [
                (number, entry["organization_id"])
                for number, entry in enumerate(settings.DEFAULT_SCIM)
                if entry.get("organization_id") is not None
                and not is_active_organization(entry["organization_id"], using=settings.DATABASE)
            ]
            backend: Any = get_organization_backend(using=settings.DATABASE)
            ownerless = (
                isinstance(backend, MembershipModelBackend) and backend.has_owners() is False
            )
            lost = dict(_lost_profiles(settings.DATABASE))
            unserved = unserved_look_ups(settings.DATABASE)
            locked_up = list(check_decryption(settings.DATABASE))
            unbound = unbound_log_ins(settings.DATABASE)
            unindexed = unserved_attributes(settings.DATABASE, indexed_attributes())
    except DatabaseError:
        return []  # the tables are not there yet
    messages: list[CheckMessage] = [
        warning("W013", f"Requests of the connection {id!r} fail: {problem}", _LOST)
        for id, problem in lost.items()
    ]
    messages += locked_up
    bound_to = f"{SETTING}['LOG_IN'][{{!r}}] is for the connection {{!r}}, which {{}}."
    messages += [warning("W028", bound_to.format(*found)) for found in unbound]
    if unserved:
        message = "Each new user costs a reading of all users, as no index serves them: {}."
        messages.append(warning("W014", message.format(", ".join(unserved)), _INDEX))
    if unindexed:
        message = f"{SETTING}['INDEXED_ATTRIBUTES'] names what has no index yet: {{}}."
        messages.append(warning("W026", message.format(", ".join(unindexed)), _INDEX))
    if ownerless:
        message = f"No membership has one of {SETTING}['MEMBERSHIP']['owner_roles']."
        hint = "If owners have another role in your data, name it: last owners are not protected."
        messages.append(warning("W011", message, hint))
    return messages + [
        warning(
            "W012",
            f"{SETTING}['DEFAULT_SCIM'][{number}] is for the organization {id!r}, which does not "
            "exist or is not active.",
            "Its token opens nothing until there is one.",
        )
        for number, id in missing
    ]


_ALONE = "The database {!r} has no transactions: half of a change could stay."
_REPLICA_SET = "Run MongoDB as a replica set; one member is enough."
_INDEX = "Run manage.py scim_index_users."
_LOST = "Declare the profile again, or save the connection in the admin with another one."


def _lost_profiles(using: str) -> Iterator[tuple[str, str]]:
    """Yield the connections whose profile or switches do not exist, with what is wrong."""
    rows = ProviderConnection.objects.using(using).filter(decommissioned_at=None)
    wanted = rows.order_by("provider_id").only("provider_id", "profile", "profile_switches")
    for connection in wanted:
        problem = profile_problem(*stored_profile(connection))
        if problem is not None:
            yield connection.provider_id, problem
