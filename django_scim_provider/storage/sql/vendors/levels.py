"""How far the app is known to work on the databases of a vendor."""

from __future__ import annotations

from enum import Enum


class SupportLevel(Enum):
    """What a vendor has been tested by."""

    WRITTEN = "written"
    """There are statements for it, and all tests are run on it."""
    RUN = "run"
    """It goes the portable way, by which the tests of the protocol are run."""
    COMPILED = "compiled"
    """It goes the portable way; its statements are compiled in the tests, and run by no server."""
    UNTESTED = "untested"
    """It goes the portable way, and nobody has tried."""
