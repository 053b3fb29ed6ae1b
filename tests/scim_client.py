"""The client of the kit, at the address that the tests' routes have whatever they are named."""

from __future__ import annotations

from typing import ClassVar

from django_scim_provider.core import urns
from django_scim_provider.core.schemas import GROUP as GROUPS
from django_scim_provider.core.schemas import USER
from django_scim_provider.core.schemas.enterprise import ENTERPRISE_USER_SCHEMA
from django_scim_provider.testing import scim_client as kit

CORE = USER.schema.id
ENTERPRISE = ENTERPRISE_USER_SCHEMA.id
GROUP = GROUPS.schema.id
PATCH, SEARCH, ERROR = urns.PATCH_URN, urns.SEARCH_URN, urns.ERROR_URN
SCIM_JSON = kit.SCIM_JSON
Answer = kit.SCIMAnswer


class SCIMTestClient(kit.SCIMTestClient):
    """Sends requests below ``/scim/v2``."""

    root: ClassVar[str | None] = "/scim/v2"
