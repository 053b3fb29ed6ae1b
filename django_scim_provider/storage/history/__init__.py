"""What events did beside what they name: memberships, roles, sessions, and values for some days."""

from __future__ import annotations
