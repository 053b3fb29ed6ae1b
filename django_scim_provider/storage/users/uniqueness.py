"""What a write of a user wants for itself alone, and who holds it already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeGuard
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet

from django_scim_provider.adapter import DefaultAdapter
from django_scim_provider.conf import get_user_model
from django_scim_provider.core.errors import USER, Collision, Uniqueness
from django_scim_provider.core.folding import fold_name
from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.organizations import get_organization_backend, memberships_of
from django_scim_provider.storage.sql.statements.by_orm import batched
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.account_rows import find_account
from django_scim_provider.storage.users.mapping.one_to_one import split
from django_scim_provider.storage.users.screening.asking import UNKNOWN, Screened
from django_scim_provider.user_model import (
    addresses_are_unique,
    name_fields,
    user_model_fields,
)

TAKEN_BY_USER = "userName or an e-mail address belongs to an existing user."
"""Only where the adapter of the project finds somebody by something else."""
SHARERS_LOOKED_AT = 100
"""An address that more people share identifies nobody."""


@dataclass(slots=True)
class Claim:
    """Account keys, host field values, and whose they are."""

    keys: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    """Folded names and addresses that the account did not have before, and whose attributes they
    are."""
    own: UUID | None = None
    own_user: Any = None
    adapter: DefaultAdapter | None = None
    """Who is asked for holders, among the users of the project; None while nobody is written."""
    written: dict[str, Any] = field(default_factory=dict)
    """All fields that are written to the host's user, those that name nobody as well."""

    def holder_in_sight(self, context: StoreContext) -> str | None:
        """Return the id of the account that has the name, if the connection may read it."""
        own = LinkedAccount.objects.using(context.using).of(context.provider_id)
        same = own.filter(account_id=self.keys["account_id"])
        id = same.values_list("scim_id", flat=True).first()
        shown = id is not None and find_account(context, id) is not None
        return str(id) if shown else None


def names_of(resource: Resource, adapter: DefaultAdapter | None = None) -> dict[str, str]:
    """Return the names of a resource, folded, and their attributes: ``userName``, every address.

    With ``adapter``, also what it makes of them to log in with and to get mail by.
    """
    found = {fold_name(str(resource.get("userName") or "")): "userName"}
    for email in resource.get("emails", ()):
        found.setdefault(fold_name(str(email.get("value") or "")), "emails.value")
    if adapter is not None:
        identifier, address = adapter.identity(resource)
        name = get_user_model().USERNAME_FIELD
        found.setdefault(fold_name(str(identifier)), adapter.attribute_of(name, resource))
        found.setdefault(fold_name(str(address)), "emails.value")
    found.pop("", None)
    return found


def protected_names(adapter: DefaultAdapter) -> dict[str, set[Any]]:
    """Return the names and addresses of protected users, folded, with the keys of the users."""
    found: dict[str, set[Any]] = {}
    for key, *texts in adapter.protected_users().values_list("pk", *name_fields()):
        for name in filter(None, (fold_name(str(text or "")) for text in texts)):
            found.setdefault(name, set()).add(key)
    return found


def beside_protected(
    claim: Claim, adapter: DefaultAdapter, protected: Mapping[str, set[Any]] | None = None
) -> dict[str, Any]:
    """Return the attributes whose claimed values could be taken for a protected user's.

    With each comes the key of such a user. ``protected`` is what ``protected_names`` returned, for
    who asks often.
    """
    if not claim.names:
        return {}
    if protected is None:
        protected = protected_names(adapter)
    held = {name: protected[name] - {claim.own_user} for name in claim.names if name in protected}
    if not any(held.values()):
        return {}
    users = get_user_model()._base_manager.using(adapter.using)
    found = users.filter(pk__in=set().union(*held.values()))
    keys = {user.pk for user in found if adapter.is_protected(user)}
    return {
        claim.names[name]: min(holders & keys, key=str)
        for name, holders in held.items()
        if holders & keys
    }


def in_the_way(
    adapter: DefaultAdapter,
    fields: Mapping[str, Any],
    *,
    own: Any = None,
    resource: Resource | None = None,
) -> list[AbstractBaseUser]:
    """Return up to two other users who have what one user alone may have.

    An address is no such thing where people whom the connection made are all that have it, unless
    the project's ``addresses_are_unique``. ``own`` is the key of the user who is written,
    ``resource`` what is posted.
    """
    found = found_users(adapter, fields, own=own, resource=resource)
    address = user_model_fields().get("email", "")
    if not found or not fields.get(address) or addresses_are_unique():
        return found
    rest = {name: value for name, value in fields.items() if name != address}
    others = found_users(adapter, rest, own=own, resource=resource)
    sharing = _strangers(adapter, adapter.find_users({address: fields[address]}), own)
    return list({user.pk: user for user in (*others, *sharing)}.values())[:2]


def found_users(
    adapter: DefaultAdapter,
    fields: Mapping[str, Any],
    *,
    own: Any = None,
    resource: Resource | None = None,
) -> list[AbstractBaseUser]:
    """Return up to two other users whom the adapter finds, those who share an address as well."""
    offered = {} if resource is None else {"resource": resource}
    return _some(adapter, adapter.find_users(split(fields)[0], **offered), own)


def _some(
    adapter: DefaultAdapter, found: Iterable[AbstractBaseUser], own: Any
) -> list[AbstractBaseUser]:
    """Return up to two of the users whom the adapter found, in whatever form, none of them twice.

    ``own`` is left out.
    """
    if not _is_open(found):
        others = {user.pk: user for user in found if user.pk != own}
        return list(islice(others.values(), 2))
    rows = found if own is None else found.exclude(pk=own)
    # A join, such as one to social accounts, repeats whom it finds.
    keys = list(rows.order_by().values_list("pk", flat=True).distinct()[:2])
    if not keys:
        return []
    users = get_user_model()._default_manager.using(adapter.using)
    return list(users.filter(pk__in=keys))


def _is_open(found: Any) -> TypeGuard[QuerySet[Any]]:
    """Tell whether what the adapter returned can be narrowed in the database."""
    return isinstance(found, QuerySet) and not (found.query.is_sliced or found.query.combinator)


def _strangers(
    adapter: DefaultAdapter, found: Iterable[AbstractBaseUser], own: Any
) -> list[AbstractBaseUser]:
    """Return up to two of the users whom the connection did not make, or others hold as well.

    They are those whose names and addresses it could not write either (``Holders``).
    """
    context = adapter.context
    rows: QuerySet[Any, Any]
    if _is_open(found):
        rows = found
    else:
        keys = [user.pk for user in found]
        rows = get_user_model()._base_manager.using(adapter.using).filter(pk__in=keys)
    strangers = _some(adapter, _not_ours(adapter, rows), own)
    backend = None if strangers else get_organization_backend(using=adapter.using)
    if backend is None:
        return strangers
    sharing = list(rows.exclude(pk=own).order_by("pk").distinct()[:SHARERS_LOOKED_AT])
    joined = memberships_of(backend, sharing)
    outside = {context.organization_id}
    return [user for user in sharing if joined.get(user.pk, {}).keys() - outside][:2]


def _not_ours(adapter: DefaultAdapter, rows: QuerySet[Any, Any]) -> Iterable[AbstractBaseUser]:
    """Return those whom the connection of the adapter did not make, or others hold as well."""
    accounts = LinkedAccount.objects.using(adapter.using).order_by()
    of_us: dict[str, Any] = {"provider_id": adapter.context.provider_id}
    made: dict[str, Any] = {**of_us, "created_user": True, "released_at": None}
    if not vendor_of(adapter.using).orm_only:
        of_them = accounts.filter(user=OuterRef("pk"))
        return rows.filter(~Exists(of_them.filter(**made)) | Exists(of_them.exclude(**of_us)))
    users = list(rows.distinct())
    ours: set[Any] = set()
    for some in batched([user.pk for user in users]):
        held = accounts.filter(user_id__in=some)
        ours |= set(held.filter(**made).values_list("user_id", flat=True))
        ours -= set(held.exclude(**of_us).values_list("user_id", flat=True))
    return [user for user in users if user.pk not in ours]


def refuse_taken(
    claim: Claim,
    accounts: LinkedAccountQuerySet,
    screened: Screened = UNKNOWN,
    *,
    among_accounts: bool = False,
) -> None:
    """Raise where somebody else holds what is claimed.

    ``accounts`` are those of the connection; ``among_accounts`` asks for them even where no host's
    user is in the way; ``screened`` says what need not be looked for. The sentence says which
    attribute it is and nothing of the holder: it is the same for a user of the connection, of
    another one, and of nobody's, and for staff.

    Raises:
        Uniqueness: naming what is taken.
    """
    taken: dict[str, Any] = {}
    found: list[AbstractBaseUser] = []
    if claim.adapter is not None:
        taken = beside_protected(claim, claim.adapter) if screened.is_protected else {}
        if claim.fields and screened.is_held:
            found = in_the_way(claim.adapter, claim.fields, own=claim.own_user)
    if not taken and not found and not among_accounts:
        return
    others = accounts.exclude(pk=claim.own) if claim.own else accounts
    account_id = claim.keys.get("account_id")
    if account_id is not None:
        same = others.filter(account_id=account_id)
        if (id := same.values_list("scim_id", flat=True).first()) is not None:
            raise in_use("userName", Collision("User", str(id)))
    if claim.adapter is not None:
        # All are looked for before one is named, so that it does not tell who holds another.
        taken |= dict(_attributes_taken(claim, claim.adapter)) if claim.fields else {}
    if taken:
        attribute = "userName" if "userName" in taken else min(taken)
        raise in_use(attribute, Collision(USER, str(taken[attribute])))
    if found:
        raise Uniqueness(TAKEN_BY_USER, collision=Collision(USER, str(found[0].pk)))


def in_use(attribute: str, collision: Collision) -> Uniqueness:
    """Return the refusal of a value that is taken, in the same words whoever holds it."""
    return Uniqueness(f"{attribute} is already in use.", attribute=attribute, collision=collision)


def _attributes_taken(claim: Claim, adapter: DefaultAdapter) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that give the name and the address, where another user has them.

    With each comes the key of the user.
    """
    address = user_model_fields().get("email", "")
    for name in dict.fromkeys((get_user_model().USERNAME_FIELD, address)):
        if claim.fields.get(name):
            field = {name: claim.fields[name]}
            if holders := in_the_way(adapter, field, own=claim.own_user):
                attribute = adapter.attribute_of(name, dict(adapter.context.resource or {}))
                yield attribute, holders[0].pk
