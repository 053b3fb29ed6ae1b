"""Other packages that Django projects take for SCIM, in a virtual environment of their own."""

from __future__ import annotations

import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

PEERS = ("django-scim2==0.23.0", "django-scim2-server==1.1.0")
SAME = ("djangorestframework", "dj-database-url", "gunicorn", "orjson", "PyMySQL")
"""What they share with us, in the version that is here."""


def installed(folder: Path) -> Path:
    """Return the Python that has them; the environment is made where it is missing."""
    python = folder / "peers" / "bin" / "python"
    done = folder / "peers" / "done"
    if not done.exists():
        print("installing the other packages", file=sys.stderr, flush=True)
        venv.create(folder / "peers", with_pip=True)
        same = [f"{name}=={version(name)}" for name in SAME]
        driver = f"psycopg[binary]=={version('psycopg')}"
        django = f"Django<={version('Django')}"  # the newest that they take
        wanted = [*PEERS, *same, driver, django]
        subprocess.run([str(python), "-m", "pip", "install", "-q", *wanted], check=True)
        done.touch()
    return python
