"""What lists and first pages tell of connections, by few statements."""

from __future__ import annotations
