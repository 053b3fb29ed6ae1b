"""The contract of stores, and the suites of users, over imported ids."""

from __future__ import annotations

from tests.lifecycle.test_deletion import *  # noqa: F403
from tests.lifecycle.test_returning import *  # noqa: F403
from tests.storage.test_users import *  # noqa: F403
