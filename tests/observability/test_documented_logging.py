"""The LOGGING of the manual, as a project has it: read before any app is loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "observe.rst"
SCRIPT = """
import django
from django.conf import settings
{logging}
settings.configure(
    SECRET_KEY="tests",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_scim_provider"],
    LOGGING=LOGGING,
)
django.setup()
import logging
from django_scim_provider.observability import Exchange
from django_scim_provider.observability.exchange import become_current
logging.getLogger("shop").info("outside")
become_current(Exchange(request_id="r-1", operation="bulk", path="/Bulk", provider_id="acme"))
logging.getLogger("shop").info("inside")
"""


def test_logging_of_the_manual_works() -> None:
    found = re.search(
        r"^    LOGGING = \{\n.*?^    \}\n", MANUAL.read_text(), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    script = SCRIPT.format(logging=textwrap.dedent(found.group()))

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
    first, second = ran.stderr.splitlines()
    assert first.endswith("INFO [- -] shop outside")
    assert second.endswith("INFO [r-1 acme] shop inside")
