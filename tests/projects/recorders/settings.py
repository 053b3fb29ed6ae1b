"""The settings of a project that records who did it."""

from __future__ import annotations

import os

os.environ["SCIM_TEST_USER_MODEL"] = "recorders.Person"

from tests.settings import *  # noqa: F403 - the same project but for its users
from tests.settings import INSTALLED_APPS as OF_THE_SUITE
from tests.settings import MIDDLEWARE as BEFORE

INSTALLED_APPS = [*OF_THE_SUITE, "simple_history", "auditlog", "reversion"]
MIDDLEWARE = [
    *BEFORE,
    "simple_history.middleware.HistoryRequestMiddleware",
    "crum.CurrentRequestUserMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "reversion.middleware.RevisionMiddleware",
]
