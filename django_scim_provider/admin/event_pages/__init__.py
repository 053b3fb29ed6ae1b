"""Events as people read them: lists, one event, and what happened to one person or group."""

from __future__ import annotations
