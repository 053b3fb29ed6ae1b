"""What all pages of one connection in the admin have in common."""

from __future__ import annotations
