"""The list of all connections, which is the first page of the app in the admin."""

from __future__ import annotations
