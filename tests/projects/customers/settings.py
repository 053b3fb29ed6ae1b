"""The settings of the project: each seam of the app names something of its own."""

from __future__ import annotations

import os

os.environ["SCIM_TEST_USER_MODEL"] = "customers.Person"

from tests.settings import *  # noqa: F403 - the same project but for what follows
from tests.settings import SCIM_PROVIDER as OF_THE_SUITE

_SEAMS = "tests.projects.customers.seams"
SCIM_PROVIDER = {
    **OF_THE_SUITE,
    "ADAPTER": f"{_SEAMS}.Adapter",
    "USER_STORE": f"{_SEAMS}.SeatedUsers",
    "GROUP_STORE": f"{_SEAMS}.PlainGroups",
    "RESOURCE_TYPES": [f"{_SEAMS}.BADGES"],
    "TOKEN_VERIFIER": f"{_SEAMS}.verifier",
    "REQUEST_CONTEXT": f"{_SEAMS}.request_context",
    "PROFILES": {"loud": {"base": "strict", "ops_in_any_case": True}},
}
