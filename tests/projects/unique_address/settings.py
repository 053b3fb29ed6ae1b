"""The settings of a project whose users are ``Resident``."""

from __future__ import annotations

import os

os.environ["SCIM_TEST_USER_MODEL"] = "unique_address.Resident"

from tests.settings import *  # noqa: F403 - the same project but for its users
