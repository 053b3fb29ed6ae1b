"""A newcomer's project: ``startproject``, then the README's own steps, read from the README.

Nothing of the suite's settings is in it. What a project has of its own lies in ``projects/``: apps,
which are copied, and ``settings.txt`` and maybe ``urls.txt``, which are added to the end of both.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hosts.site import Site
from tests.live import unused_port

HERE = Path(__file__).parent
README = HERE.parent.parent / "README.rst"
_OF_THE_SUITE = (
    *("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "SCIM_TEST_USER_MODEL"),
    "PYTHONDONTWRITEBYTECODE",
)
START = 300
"""Seconds that a server may take to start."""


def readme(pattern: str) -> str:
    """Return what a part of the README says, in the form of the group of the pattern."""
    found = re.search(pattern, README.read_text(), re.DOTALL)
    assert found is not None, f"the README has no {pattern}"
    return found.group(1)


def list_of_readme(name: str) -> str:
    """Return what the README adds to a list, as source."""
    return readme(rf"    {name} \+= \[(.*?)\]\n")


def commands_of_readme() -> list[list[str]]:
    """Return the arguments of ``manage.py`` that the README has one run, in their order."""
    lines = re.findall(r"\$ (?:TOKEN=\$\()?python manage\.py ([^)\n]*)", installing())
    return [shlex.split(line) for line in lines]


def installing() -> str:
    """Return the README's section on installing into a project."""
    return readme(r"(Put it into your project\n=.*?)\nWhat is supported\n")


@dataclass(frozen=True)
class Newcomer:
    """A project in a folder of its own."""

    folder: Path
    compiled: Path
    """Where compiled modules are kept: most of the time of a command is to import them."""
    database_url: str = ""
    """Empty for the database that ``startproject`` sets up."""

    def manage(self, *arguments: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        """Run ``manage.py``; the exit code is as expected."""
        return self._run(str(self.folder / "manage.py"), *arguments, fails=fails)

    def _run(self, *arguments: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert bool(done.returncode) is fails, done.stdout + done.stderr
        return done

    def killed(self, *arguments: str, at: bytes) -> None:
        """Run ``manage.py``, and kill it as soon as it has written that much to standard error."""
        command = [sys.executable, "manage.py", *arguments]
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        with process.stderr as written:
            told = b""
            while at not in told and (piece := os.read(written.fileno(), 4096)):
                told += piece
            process.kill()
            process.wait(timeout=30)
        assert at in told, told

    def start(self, project: str) -> None:
        """Start the project, and put the README's lines into it."""
        self._run("-m", "django", "startproject", "shop", ".")
        own = HERE / "projects" / project
        for app in (each for each in own.iterdir() if (each / "models.py").exists()):
            shutil.copytree(app, self.folder / app.name)
            (self.folder / app.name / "migrations").mkdir()
            (self.folder / app.name / "migrations/__init__.py").touch()
        shutil.copy(HERE / "site_views.py", self.folder)
        apps = list_of_readme("INSTALLED_APPS")
        self.add_settings(f"INSTALLED_APPS += [\n{apps}\n]\n{self._database()}")
        self.add_settings((own / "settings.txt").read_text())
        # Nothing here depends on how long a password takes to be hashed.
        self.add_settings("PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']")
        with (self.folder / "shop/urls.py").open("a") as urls:
            urls.write("from django.urls import include\nimport site_views\n")
            urls.write(f"urlpatterns += [\n{list_of_readme('urlpatterns')}\n]\n")
            urls.write("urlpatterns += site_views.urlpatterns\n")
            if (own / "urls.txt").exists():
                urls.write((own / "urls.txt").read_text())

    def add_settings(self, text: str) -> None:
        """Add lines to the end of the settings."""
        with (self.folder / "shop/settings.py").open("a") as settings:
            settings.write(f"\n{text}\n")

    @property
    def environment(self) -> dict[str, str]:
        """The variables of its processes: ours without what is the suite's."""
        kept = {name: value for name, value in os.environ.items() if name not in _OF_THE_SUITE}
        return {"PYTHONPYCACHEPREFIX": str(self.compiled), **kept}

    def _database(self) -> str:
        if not self.database_url:
            return ""
        driver = "import pymysql\npymysql.install_as_MySQLdb()\n"
        return (
            f"import dj_database_url\n{driver if 'mysql' in self.database_url else ''}"
            f"DATABASES = {{'default': dj_database_url.parse({self.database_url!r})}}\n"
        )

    @contextmanager
    def serving(self, *, warned: bool = False) -> Iterator[Site]:
        """Run ``runserver`` until the block ends; ``warned`` tells whether checks find anything."""
        site, log = Site(f"http://127.0.0.1:{unused_port()}"), self.folder / "server.log"
        command = [sys.executable, "manage.py", "runserver", "--noreload", site.address]
        with log.open("wb") as output:
            server = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=output, stderr=output
            )
            try:
                _wait(server, site.url, log)
                yield site
                assert ("System check identified no issues" in log.read_text()) is not warned
            finally:
                server.terminate()
                server.wait(timeout=30)


Begin = Callable[[str], Newcomer]
"""What begins a project by its name."""


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{url}/who", timeout=10).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
