"""The example project with limits that no load reaches."""

from __future__ import annotations

from example.settings import *  # noqa: F403 - settings extend settings this way
from example.settings import SCIM_PROVIDER as EXAMPLE

DEBUG = False
LOGGING = {"version": 1, "loggers": {"django.request": {"level": "CRITICAL"}}}
# Requests are counted as ever, against limits that the load does not reach.
SCIM_PROVIDER: dict[str, object] = {  # type: ignore[no-redef]  # of the example project
    **EXAMPLE,
    "THROTTLE_RATES": {
        "connection": "1000000000/day",
        "discovery": "1000000000/day",
        "failed_authentication": "1000000000/day",
    },
}
