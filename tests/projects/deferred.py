"""The settings of a project on SQLite as Django sets it up: transactions begin by reading."""

from __future__ import annotations

import os

os.environ["DATABASE_URL"] = "sqlite://"

from tests.settings import *  # noqa: F403 - the same project but for its transactions
from tests.settings import DATABASES

del DATABASES["default"]["OPTIONS"]["transaction_mode"]
