"""What identity providers send, and what the project makes of it."""

from __future__ import annotations
