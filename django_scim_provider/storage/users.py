"""The users of one connection: accounts, their e-mail index, and the host's users behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import CharField, QuerySet, UUIDField
from django.dispatch import Signal

from django_scim_provider.adapter import DefaultAdapter, get_adapter
from django_scim_provider.core.errors import InvalidValue, ProtectedResource, Uniqueness
from django_scim_provider.core.folding import fold
from django_scim_provider.core.schema import Resource, ResourceType
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.user import MAX_EMAIL_LENGTH, MAX_TYPE_LENGTH
from django_scim_provider.core.stores import Change, Page, Query, Stored
from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.models.keys import uuid7
from django_scim_provider.signals import (
    user_deactivated,
    user_deprovisioned,
    user_provisioned,
    user_updated,
)
from django_scim_provider.statements import Statement
from django_scim_provider.storage.base import in_transaction
from django_scim_provider.storage.deletion import release_user
from django_scim_provider.storage.forms import content, forms, now_after, parse_id
from django_scim_provider.storage.memberships import with_groups
from django_scim_provider.storage.paging import page
from django_scim_provider.storage.user_columns import USER_COLUMNS

_UNIQUE_COLUMNS = {
    "user_name_key": "userName",
    "external_id": "externalId",
    "account_id": "externalId or userName, as the key of an account,",
}
MAX_KEY_LENGTH = 255


@dataclass(slots=True)
class Claim:
    """What a write wants for itself alone: account keys, host field values, and whose they are."""

    keys: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    account: LinkedAccount | None = None


def _user_text(using: str, provider_id: str, key: UUID) -> QuerySet[Any, Any]:
    """Select the text of a user, its version, and whether it is in a group."""
    rows = LinkedAccount.objects.using(using).filter(provider_id=provider_id, pk=key)
    return rows.values_list("resource", "version", USER_COLUMNS.has_related)


_find_user = Statement(
    _user_text,
    fields=(CharField(), UUIDField()),
    stand_ins=("<provider>", UUID("00000000-0000-7000-8000-000000000001")),
)


class UserStore:
    """Implements ``ResourceStore`` for the users of one connection (RFC 7643 section 4.1)."""

    supports_sort: ClassVar[bool] = True
    relation: ClassVar[str | None] = "groups"
    patch_returns_resource: ClassVar[bool] = True

    def __init__(
        self,
        *,
        provider_id: str,
        using: str,
        base_url: str = "",
        resource_type: ResourceType = USER,
    ) -> None:
        self.provider_id = provider_id
        self.using = using
        self.base_url = base_url
        self.resource_type = resource_type

    @property
    def accounts(self) -> QuerySet[LinkedAccount]:
        """Return the accounts of this connection, the only ones that the store ever touches."""
        return LinkedAccount.objects.using(self.using).filter(provider_id=self.provider_id)

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the user with that id, or None."""
        key = parse_id(id)
        if key is None:
            return None
        rows = _find_user.rows(self.using, self.provider_id, key)
        if not rows:
            return None
        text, version, in_groups = rows[0]
        if in_groups and not skip_members:
            (text,) = with_groups([text], self.using, self.base_url)
        return Stored(id, version, text)

    def query(self, query: Query) -> Page:
        """Return one page of the users that match."""
        found = page(self.accounts, self.provider_id, query, USER_COLUMNS)
        if query.skip_members or not found.related:
            return found
        return replace(found, texts=with_groups(found.texts, self.using, self.base_url))

    def create(self, resource: Resource) -> tuple[Stored, bool]:
        """Store a new user and make the host's user behind it.

        Raises:
            Uniqueness: the name, the ``externalId`` or the e-mail address is taken.
        """
        resource.setdefault("active", True)
        adapter = get_adapter(using=self.using)
        keys = account_keys(resource)
        fields = adapter.user_fields(resource)
        claim = Claim(keys, fields)
        return self._write(lambda: self._insert(adapter, resource, claim), claim), True

    def _insert(self, adapter: DefaultAdapter, resource: Resource, claim: Claim) -> Stored:
        self._refuse_taken(claim, accounts=False)
        user = adapter.create_user(resource, claim.fields)
        key, now = uuid7(), now_after()
        account = LinkedAccount(
            id=key,
            provider_id=self.provider_id,
            user=user,
            created_user=True,
            created_at=now,
            last_modified=now,
            **claim.keys,
            **forms(
                resource, self.resource_type, id=str(key), version=1, created=now, last_modified=now
            ),
        )
        account.save(using=self.using, force_insert=True)
        self._index_emails(key, resource)
        self._tell(user_provisioned, account)
        return Stored(str(key), 1, account.resource)

    def update(self, id: str, change: Change) -> Stored | None:
        """Lock the user, apply the change, and store what differs.

        Raises:
            Uniqueness: the new name, ``externalId`` or e-mail address is taken.
            ProtectedResource: the host's user is staff or a superuser.
        """
        key = parse_id(id)
        if key is None:
            return None
        claim = Claim()
        return self._write(lambda: self._update(key, change, claim), claim)

    def _update(self, key: UUID, change: Change, claim: Claim) -> Stored | None:
        account = self._locked(key)
        if account is None:
            return None
        before = content(account.resource)
        resource = change(Stored(str(key), account.version, account.resource))
        for name in ("id", "meta", "groups"):
            resource.pop(name, None)
        if resource != before:
            claim.account = account
            self._store(account, before, resource, claim)
        return Stored(str(key), account.version, account.resource)

    def _store(
        self, account: LinkedAccount, before: Resource, resource: Resource, claim: Claim
    ) -> None:
        claim.keys = account_keys(resource, active=account.active)
        adapter = get_adapter(using=self.using)
        if adapter.is_protected(account.user):
            raise ProtectedResource()
        self._update_user(adapter, account, before, resource, claim)
        version, now = account.version + 1, now_after(account.last_modified)
        values = claim.keys | forms(
            resource,
            self.resource_type,
            id=str(account.pk),
            version=version,
            created=account.created_at,
            last_modified=now,
        )
        deactivated = account.active and not claim.keys["active"]
        self.accounts.filter(pk=account.pk).update(version=version, last_modified=now, **values)
        for name, value in {"version": version, "last_modified": now, **values}.items():
            setattr(account, name, value)
        if resource.get("emails") != before.get("emails"):
            AccountEmail.objects.using(self.using).filter(account_id=account.pk).delete()
            self._index_emails(account.pk, resource)
        self._tell(user_deactivated if deactivated else user_updated, account)

    def _update_user(
        self,
        adapter: DefaultAdapter,
        account: LinkedAccount,
        before: Resource,
        resource: Resource,
        claim: Claim,
    ) -> None:
        """Write what the resource says into the host's user, where this connection may."""
        if account.manages_profile:
            claim.fields = adapter.user_fields(resource)
            if adapter.identity(before) != adapter.identity(resource):
                self._refuse_taken(claim, accounts=False)
        active = claim.keys["active"] or self._active_elsewhere(account)
        adapter.update_user(account.user, resource, claim.fields, active=active)

    def _active_elsewhere(self, account: LinkedAccount) -> bool:
        others = LinkedAccount.objects.using(self.using).filter(user_id=account.user_id, active=True)
        return others.exclude(pk=account.pk).exists()

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Unlink the user from this connection, then delete or deactivate the host's user.

        Raises:
            ProtectedResource: the host's user is staff or a superuser.
        """
        key = parse_id(id)
        return key is not None and self._write(lambda: self._delete(key, check), Claim())

    def _delete(self, key: UUID, check: Callable[[Stored], None]) -> bool:
        account = self._locked(key)
        if account is None:
            return False
        check(Stored(str(key), account.version, account.resource))
        adapter = get_adapter(using=self.using)
        if adapter.is_protected(account.user):
            raise ProtectedResource()
        deleted, _ = self.accounts.filter(pk=key).delete()
        if deleted:
            release_user(account, adapter, using=self.using)
            self._tell(user_deprovisioned, account)
        return bool(deleted)

    def _locked(self, key: UUID) -> LinkedAccount | None:
        """Return the account with its user, both locked until the transaction ends."""
        rows = self.accounts.filter(pk=key).select_related("user")
        return rows.select_for_update().first()

    def _write(self, work: Callable[[], Any], claim: Claim) -> Any:
        """Run one transaction; tell a broken unique constraint as 409, with what is taken."""
        try:
            return in_transaction(self.using, self.provider_id, work)
        except IntegrityError:
            self._refuse_taken(claim, accounts=True)
            raise

    def _refuse_taken(self, claim: Claim, *, accounts: bool) -> None:
        """Raise Uniqueness where somebody else holds what is claimed.

        ``accounts`` asks for the accounts of this connection even where no host's user is in the way.
        """
        taken = False
        if claim.fields:
            users = get_adapter(using=self.using).find_users(claim.fields)
            own = claim.account.user_id if claim.account else None
            taken = users.exclude(pk=own).exists()
        if not taken and not accounts:
            return
        others = self.accounts.exclude(pk=claim.account.pk) if claim.account else self.accounts
        for column, attribute in _UNIQUE_COLUMNS.items():
            value = claim.keys.get(column)
            if value is not None and others.filter(**{column: value}).exists():
                raise Uniqueness(f"{attribute} is already in use.")
        if taken:
            raise Uniqueness("userName or an e-mail address belongs to an existing user.")

    def _index_emails(self, key: UUID, resource: Resource) -> None:
        rows = email_rows(key, resource)
        if rows:
            AccountEmail.objects.using(self.using).bulk_create(rows)

    def _tell(self, signal: Signal, account: LinkedAccount) -> None:
        if signal.receivers:
            send = partial(signal.send_robust, sender=LinkedAccount, account=account)
            transaction.on_commit(send, using=self.using)


def account_keys(resource: Resource, *, active: bool = True) -> dict[str, Any]:
    """Return the columns of an account that follow from its resource.

    ``active`` is what holds where the attribute is unassigned. ``account_id`` is ``externalId``, or the normalised ``userName`` where there is none.

    Raises:
        InvalidValue: the folded name is too long to be a key.
    """
    user_name, external_id = resource["userName"], resource.get("externalId")
    user_name_key = fold(user_name)
    if not user_name_key or len(user_name_key) > MAX_KEY_LENGTH:
        raise InvalidValue(f"userName must have 1 to {MAX_KEY_LENGTH} characters.")
    return {
        "account_id": external_id or user_name_key,
        "external_id": external_id,
        "user_name": user_name,
        "user_name_key": user_name_key,
        "active": bool(resource.get("active", active)),
    }


def email_rows(key: UUID, resource: Resource) -> Sequence[AccountEmail]:
    """Return the index rows of the e-mail addresses of a resource; NULL is unassigned."""
    return [
        AccountEmail(
            account_id=key,
            value_key=fold(email["value"])[:MAX_EMAIL_LENGTH] if "value" in email else None,
            type=fold(email["type"])[:MAX_TYPE_LENGTH] if "type" in email else None,
            primary=email.get("primary"),
        )
        for email in resource.get("emails", ())
    ]
