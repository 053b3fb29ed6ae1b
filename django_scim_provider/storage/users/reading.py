"""How the users of one connection are read: each by its id, and pages of those that match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.definitions import ResourceType
from django_scim_provider.core.stores import Page, Query, Stored
from django_scim_provider.models import LinkedAccount
from django_scim_provider.models.accounts import LinkedAccountQuerySet
from django_scim_provider.storage.portable import pages as portable
from django_scim_provider.storage.portable.listings import listed_accounts
from django_scim_provider.storage.portable.scanning import Listing
from django_scim_provider.storage.sql.compiled_pages import HotPages, HotRows
from django_scim_provider.storage.sql.large_pages import FoundPage, completed, with_values
from django_scim_provider.storage.sql.paging import first_page, page
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.unique_index import UniqueIndex
from django_scim_provider.storage.users.account_rows import find_account
from django_scim_provider.storage.users.filter_columns import (
    EMAIL_COLUMNS,
    NAME_COLUMNS,
    USER_COLUMNS,
    user_columns,
)
from django_scim_provider.storage.users.mapping.host_values import HostValues, host_values_of
from django_scim_provider.storage.users.rendering import GroupsOfUsers, ToldGroups
from django_scim_provider.storage.users.visibility import seen

_hot_pages = HotPages(LinkedAccount, USER_COLUMNS, ToldGroups())


class UserReader:
    """Shows the users of one connection, one at a time or by pages."""

    supports_sort: ClassVar[bool] = True
    relation: ClassVar[str | None] = "groups"

    def __init__(self, context: StoreContext, resource_type: ResourceType = USER) -> None:
        self.context = context
        self.using = context.using
        self.resource_type = resource_type

    @property
    def accounts(self) -> LinkedAccountQuerySet:
        """Return the accounts of this connection, the only ones that the store ever touches."""
        return LinkedAccount.objects.using(self.using).of(self.context.provider_id)

    @property
    def unique_index(self) -> UniqueIndex:
        """Return who has which values of extensions; ``userName`` has a constraint of its own."""
        return UniqueIndex(
            context=self.context,
            resource_type=self.resource_type,
            resources=lambda: self.accounts,
            but=frozenset({"userName"}),
            in_sight=lambda id: find_account(self.context, id) is not None,
        )

    def get(self, id: str, *, skip_members: bool = False) -> Stored | None:
        """Return the user with that id, or None."""
        row = find_account(self.context, id, with_groups=not skip_members)
        if row is None:
            return None
        text, version, told = row
        return self.shown(id, version, text, told)

    def query(self, query: Query) -> Page:
        """Return one page of the users that match."""
        host = self.host_values
        if host is not None:
            host.refuse(query)
        context = self.context
        groups = None if query.skip_members else GroupsOfUsers(context)
        finish = None if host is None else host.shown
        if vendor_of(self.using).orm_only:
            found = portable.page(self._listed(), query)
            return completed(found, lambda: self.accounts, groups, finish)
        only = seen(self.using, context.organization_id)

        def accounts() -> LinkedAccountQuerySet:
            return self.accounts if only is None else self.accounts.filter(only)

        found = self._found(query, accounts, _hot_pages.of(context, only))
        return completed(found, accounts, groups, finish)

    def _found(
        self, query: Query, accounts: Callable[[], LinkedAccountQuerySet], hot: HotRows
    ) -> FoundPage:
        found = hot.page(query)
        if found is not None:
            return found
        columns = user_columns(self.context.provider_id, self.context.base_url, self.using)
        return first_page(query, columns, hot) or page(accounts(), query, columns, hot)

    def _listed(self) -> Listing:
        return listed_accounts(
            self.context, self.accounts, USER_COLUMNS, NAME_COLUMNS, EMAIL_COLUMNS.columns
        )

    def shown(self, id: str, version: int, text: str, told: Any) -> Stored:
        """Return a stored text with the groups of the user, and with what the project has.

        ``told`` is what the row says of them; True has them read, and False shows none.
        """
        host = self.host_values
        return self.with_groups(id, version, text if host is None else host.shown([text])[0], told)

    def with_groups(self, id: str, version: int, text: str, told: Any) -> Stored:
        """Return a text with the groups of the user."""
        stored = Stored(id, version, text)
        return with_values(stored, GroupsOfUsers(self.context), told) if told else stored

    @property
    def host_values(self) -> HostValues | None:
        """Return what shows values of the project's in texts; None where no map does."""
        return host_values_of(self.context, self.resource_type)
