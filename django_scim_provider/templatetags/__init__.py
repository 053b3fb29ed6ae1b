"""What the app's templates load."""

from __future__ import annotations
