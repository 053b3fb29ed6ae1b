"""The tutorials, done as they say: each file written, each command run."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documentation.blocks import DOCS, Block, blocks_of, commands

AT_THE_END = " (at the end)"
GIVEN = ("python -m venv", "python -m pip")
"""What the suite has already: an environment, and the packages in it."""
ADDRESS = "127.0.0.1:8000"
WAIT = "for i in $(seq 300); do curl -so /dev/null {address} && break; sleep 0.1; done"


def script(page: Path, address: str) -> str:
    """Return the page as one script of bash."""
    lines = ["set -euo pipefail", "trap 'kill ${SERVER:-} 2>/dev/null || true' EXIT"]
    for block in blocks_of(page):
        lines += _written(block) if block.caption else list(_typed(block, address))
    return "\n".join(lines).replace(ADDRESS, address)


def _written(block: Block) -> list[str]:
    """Return what writes the file that a block shows."""
    path = block.caption.removesuffix(AT_THE_END)
    arrow = ">>" if block.caption.endswith(AT_THE_END) else ">"
    return [f"cat {arrow} {shlex.quote(path)} <<'END_OF_FILE'", block.text, "END_OF_FILE"]


def _typed(block: Block, address: str) -> Iterator[str]:
    for command in commands(block):
        if command.startswith(GIVEN):
            continue
        if "manage.py runserver" in command:
            yield f"{command} --noreload > server.log 2>&1 & SERVER=$!"
            yield WAIT.format(address=address)
        else:
            yield command


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return variables in which ``python`` and ``django-admin`` are those of the suite."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, start in {"python": "", "django-admin": " -m django"}.items():
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{start} "$@"\n')
        program.chmod(0o755)
    own = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    own.pop("DJANGO_SETTINGS_MODULE", None)
    return own


def do(page: str, environment: dict[str, str], folder: Path, port: int) -> str:
    """Return what a tutorial prints."""
    done = subprocess.run(
        ["bash", "-c", script(DOCS / page, f"127.0.0.1:{port}")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_first_connection(environment: dict[str, str], tmp_path: Path, free_port: int) -> None:
    printed = do("tutorial.rst", environment, tmp_path, free_port)

    assert '"patch":{"supported":true}' in printed
    assert '"userName":"ann@example.com"' in printed
    assert "Ann Lee\n" in printed
    assert '"active":false' in printed
    assert printed.endswith("False\n")


def test_saas_with_many_customers(
    environment: dict[str, str], tmp_path: Path, free_port: int
) -> None:
    printed = do("tutorial-saas.rst", environment, tmp_path, free_port)

    assert "Acme is organization 1" in printed
    assert "5 members, the owner is olga\n" in printed
    assert "Ann is an administrator: True" in printed
    assert "Ann may log in: False" in printed
    assert '"totalResults":0' in printed.splitlines()[-1]


def test_a_command_that_fails_ends_the_tutorial(
    environment: dict[str, str], tmp_path: Path, free_port: int
) -> None:
    page = tmp_path / "page.rst"
    page.write_text(".. code-block:: console\n\n    $ false\n    $ touch done\n")

    with pytest.raises(AssertionError):
        do(str(page), environment, tmp_path, free_port)

    assert not (tmp_path / "done").exists()
