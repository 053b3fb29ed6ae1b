"""The adapter: the questions about the project's own users that only the project can answer.

``SCIM_PROVIDER["ADAPTER"]`` names a subclass of ``DefaultAdapter``. Every method decides one
thing, has a default that goes by the fields which the ``AUTH_USER_MODEL`` has, and is called inside
the transaction of the request, so that raising undoes the whole change.

One adapter is made for each operation, and ``self.context`` is its ``ProvisioningContext``: whose
connection and organization it is, and which resource is written. So it may set what belongs to a
customer, or keep the names of customers apart:

.. code-block:: python

    from django_scim_provider.adapter import DefaultAdapter

    class Adapter(DefaultAdapter):
        def user_fields(self, resource):
            company = Company.objects.get(pk=self.context.organization_id)
            return {**super().user_fields(resource), "company": company}
"""

from __future__ import annotations

from django_scim_provider.adapter.default_adapter import (
    DefaultAdapter,
    adapter_class,
    forms_to_find,
    get_adapter,
)
from django_scim_provider.adapter.provisioning_context import ProvisioningContext

__all__ = [
    "DefaultAdapter",
    "ProvisioningContext",
    "adapter_class",
    "forms_to_find",
    "get_adapter",
]
