"""Pages of the groups of one connection, as their queries find them."""

from __future__ import annotations

from django.db.models import Value

from django_scim_provider.core.stores import Query
from django_scim_provider.models import ProvisionedGroup
from django_scim_provider.models.groups import ProvisionedGroupQuerySet
from django_scim_provider.storage.groups.filter_columns import GROUP_COLUMNS, group_columns
from django_scim_provider.storage.portable import pages as portable
from django_scim_provider.storage.portable.listings import listed_groups
from django_scim_provider.storage.sql.compiled_pages import HotPages
from django_scim_provider.storage.sql.large_pages import FoundPage
from django_scim_provider.storage.sql.paging import first_page, page
from django_scim_provider.storage.sql.vendors import vendor_of
from django_scim_provider.storage.store_context import StoreContext
from django_scim_provider.storage.users.visibility import seen

_hot_pages = HotPages(ProvisionedGroup, GROUP_COLUMNS, Value(True))


def found_groups(
    context: StoreContext, groups: ProvisionedGroupQuerySet, query: Query
) -> FoundPage:
    """Return one page of the groups that match."""
    using = context.using
    if vendor_of(using).orm_only:
        return portable.page(listed_groups(context, groups, GROUP_COLUMNS), query)
    hot = _hot_pages.of(context)
    found = hot.page(query)
    if found is not None:
        return found
    sight = seen(using, context.organization_id, "account__")
    columns = group_columns(context.provider_id, context.base_url, sight, using)
    return first_page(query, columns, hot) or page(groups, query, columns, hot)
