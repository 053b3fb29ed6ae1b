"""These tests are of MongoDB alone: ``pytest --ds tests.mongodb.settings tests/mongodb``."""

from __future__ import annotations

from django.db import connection

collect_ignore_glob = [] if connection.vendor == "mongodb" else ["test_*.py"]
