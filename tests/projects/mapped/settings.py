"""The settings of a project with a map."""

from __future__ import annotations

import os

os.environ["SCIM_TEST_USER_MODEL"] = "mapped.Person"

from django_scim_provider.attribute_map import Mapped
from tests.settings import *  # noqa: F403 - the same project but for what follows
from tests.settings import SCIM_PROVIDER as OF_THE_SUITE

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
KINDS = {"Employee": "E", "Contractor": "C"}
ATTRIBUTE_MAP = {
    "title": "job_title",
    "userType": Mapped("kind", choices=KINDS, read=True),
    'phoneNumbers[type eq "work"].value': Mapped("phone", read=True),
    "ims": "numbers",
    f"{ENTERPRISE}:employeeNumber": "badge",
    f"{ENTERPRISE}:department": "profile.department",
    f"{ENTERPRISE}:costCenter": Mapped("profile.desk", to_host=str.upper, to_scim=str.lower),
    "nickName": Mapped("building", write=False, read=True),
}
SCIM_PROVIDER = {
    **OF_THE_SUITE,
    "ORGANIZATION_BACKEND": None,
    "MEMBERSHIP": {},
    "ATTRIBUTE_MAP": ATTRIBUTE_MAP,
}
