"""Print the lowest versions that pyproject.toml allows, as requirements for pip."""

from __future__ import annotations

import tomllib
from pathlib import Path

EXTRAS = (
    *("postgres", "mysql", "redis", "tools"),
    *("openapi", "encryption", "prometheus", "opentelemetry"),
)

project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
extras = [project["optional-dependencies"][name] for name in EXTRAS]
for requirement in [*project["dependencies"], *(line for extra in extras for line in extra)]:
    print(requirement.replace(">=", "=="))
