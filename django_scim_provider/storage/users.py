"""The users of one connection: accounts, their e-mail index, and the host's users behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.dispatch import Signal

from django_scim_provider.adapter import DefaultAdapter, get_adapter
from django_scim_provider.core.errors import ProtectedResource, Uniqueness
from django_scim_provider.core.schema import Resource, ResourceType
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.stores import Change, Page, Query, Stored
from django_scim_provider.models import AccountEmail, LinkedAccount
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.models.keys import uuid7
from django_scim_provider.signals import (
    user_deactivated,
    user_deprovisioned,
    user_provisioned,
    user_updated,
)
from django_scim_provider.storage.account_rows import (
    AccountRow,
    account_keys,
    active_elsewhere,
    email_rows,
    find_account,
    insert_account,
    insert_emails,
    lock_account,
    update_account,
)
from django_scim_provider.storage.base import in_transaction
from django_scim_provider.storage.deletion import release_user
from django_scim_provider.storage.forms import content, forms, now_after, parse_id, times
from django_scim_provider.storage.memberships import with_groups
from django_scim_provider.storage.paging import page
from django_scim_provider.storage.user_columns import USER_COLUMNS

Result = TypeVar("Result")

_UNIQUE_COLUMNS = {
    "user_name_key": "userName",
    "external_id": "externalId",
    "account_id": "externalId or userName, as the key of an account,",
}
TAKEN_BY_USER = "userName or an e-mail address belongs to an existing user."


@dataclass(slots=True)
class Claim:
    """What a write wants for itself alone: account keys, host field values, and whose they are."""

    keys: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    own: UUID | None = None
    own_user: Any = None


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
    def accounts(self) -> LinkedAccountQuerySet:
        """Return the accounts of this connection, the only ones that the store ever touches."""
        return LinkedAccount.objects.using(self.using).of(self.provider_id)

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the user with that id, or None."""
        key = parse_id(id)
        rows = find_account.rows(self.using, self.provider_id, key) if key else None
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
        claim = Claim(account_keys(resource), adapter.user_fields(resource))
        return self._write(lambda: self._insert(adapter, resource, claim), claim), True

    def _insert(self, adapter: DefaultAdapter, resource: Resource, claim: Claim) -> Stored:
        self._refuse_taken(claim, accounts=False)
        user = adapter.create_user(resource, claim.fields)
        key, now = uuid7(), now_after()
        values = self._forms(resource, key, 1, now, now)
        row = {
            "id": key,
            "provider": self.provider_id,
            "user": user.pk,
            "created_at": now,
            "created_user": True,
            "manages_profile": True,
            **claim.keys,
            **values,
        }
        insert_account.run(self.using, [row])
        insert_emails.run(self.using, email_rows(key, resource))
        self._tell(user_provisioned, key)
        return Stored(str(key), 1, values["resource"])

    def _forms(
        self,
        resource: Resource,
        key: UUID,
        version: int,
        created: datetime,
        last_modified: datetime,
    ) -> dict[str, Any]:
        texts = forms(
            resource,
            self.resource_type,
            id=str(key),
            version=version,
            created=created,
            last_modified=last_modified,
        )
        return {"version": version, "last_modified": last_modified, **texts}

    def update(self, id: str, change: Change) -> Stored | None:
        """Lock the user, apply the change, and store what differs.

        Raises:
            Uniqueness: the new name, ``externalId`` or e-mail address is taken.
            ProtectedResource: the host's user is staff or a superuser.
        """
        key = parse_id(id)
        if key is None:
            return None
        claim = Claim(own=key)
        return self._write(lambda: self._update(key, change, claim), claim)

    def _update(self, key: UUID, change: Change, claim: Claim) -> Stored | None:
        account = lock_account(self.using, self.provider_id, key)
        if account is None:
            return None
        before = content(account.text)
        resource = change(Stored(str(key), account.version, account.text))
        for name in ("id", "meta", "groups"):
            resource.pop(name, None)
        version, text = account.version, account.text
        if resource != before:
            version, text = self._store(key, account, before, resource, claim)
        if account.in_groups:
            (text,) = with_groups([text], self.using, self.base_url)
        return Stored(str(key), version, text)

    def _store(
        self, key: UUID, account: AccountRow, before: Resource, resource: Resource, claim: Claim
    ) -> tuple[int, str]:
        """Write the account and the host's user; return the new version and text."""
        claim.keys = account_keys(resource, active=account.active)
        self._update_user(key, account, before, resource, claim)
        version = account.version + 1
        created, modified = times(account.text)
        values = self._forms(resource, key, version, created, now_after(modified))
        update_account.run(self.using, key, claim.keys | values)
        if resource.get("emails") != before.get("emails"):
            AccountEmail.objects.using(self.using).filter(account_id=key).delete()
            insert_emails.run(self.using, email_rows(key, resource))
        deactivated = account.active and not claim.keys["active"]
        self._tell(user_deactivated if deactivated else user_updated, key)
        return version, values["resource"]

    def _update_user(
        self, key: UUID, account: AccountRow, before: Resource, resource: Resource, claim: Claim
    ) -> None:
        """Write what the resource says into the host's user, where this connection may."""
        adapter, user = get_adapter(using=self.using), self._locked_user(account)
        if adapter.is_protected(user):
            raise ProtectedResource()
        claim.own_user = user.pk
        if account.manages_profile:
            claim.fields = adapter.user_fields(resource)
            if adapter.identity(before) != adapter.identity(resource):
                self._refuse_taken(claim, accounts=False)
        active = claim.keys["active"] or active_elsewhere(self.using, user.pk, key)
        adapter.update_user(user, resource, claim.fields, active=active)

    def _locked_user(self, account: AccountRow) -> AbstractBaseUser:
        """Return the host's user, locked: connections that share a user take turns."""
        users = get_user_model()._default_manager.using(self.using)
        return users.select_for_update().get(pk=account.user_id)

    def delete(self, id: str, check: Callable[[Stored], None]) -> bool:
        """Unlink the user from this connection, then delete or deactivate the host's user.

        Raises:
            ProtectedResource: the host's user is staff or a superuser.
        """
        key = parse_id(id)
        return key is not None and self._write(lambda: self._delete(key, check), Claim())

    def _delete(self, key: UUID, check: Callable[[Stored], None]) -> bool:
        account = lock_account(self.using, self.provider_id, key)
        if account is None:
            return False
        check(Stored(str(key), account.version, account.text))
        adapter, user = get_adapter(using=self.using), self._locked_user(account)
        if adapter.is_protected(user):
            raise ProtectedResource()
        self._tell(user_deprovisioned, key)
        deleted, _ = self.accounts.filter(pk=key).delete()
        release_user(user, adapter, may_delete=account.created_user, using=self.using)
        return bool(deleted)

    def _write(self, work: Callable[[], Result], claim: Claim) -> Result:
        """Run one transaction; tell a broken unique constraint as 409, with what is taken."""
        try:
            return in_transaction(self.using, self.provider_id, work)
        except IntegrityError:
            self._refuse_taken(claim, accounts=True)
            raise

    def _refuse_taken(self, claim: Claim, *, accounts: bool) -> None:
        """Raise Uniqueness where somebody else holds what is claimed.

        ``accounts`` asks for the accounts of this connection even where no host's user is in the
        way.
        """
        taken = False
        if claim.fields:
            users = get_adapter(using=self.using).find_users(claim.fields)
            taken = users.exclude(pk=claim.own_user).exists()
        if not taken and not accounts:
            return
        others = self.accounts.exclude(pk=claim.own) if claim.own else self.accounts
        for column, attribute in _UNIQUE_COLUMNS.items():
            value = claim.keys.get(column)
            if value is not None and others.filter(**{column: value}).exists():
                raise Uniqueness(f"{attribute} is already in use.")
        if taken:
            raise Uniqueness(TAKEN_BY_USER)

    def _tell(self, signal: Signal, key: UUID) -> None:
        """Send a signal with the account as it is now, once the transaction is committed."""
        if signal.receivers:
            account = self.accounts.get(pk=key)
            send = partial(signal.send_robust, sender=LinkedAccount, account=account)
            transaction.on_commit(send, using=self.using)
