"""Moves a directory in from another package, and lets its identity providers go on here.

The projects are those of ``tests/hosts``, with the real packages. Okta and Entra ID, as the
simulator plays them, have half of the people each. They bring in part of them and of their groups
through the package's own endpoints; the rest is stored in one go, as the endpoints would have
stored what the simulator would have sent. Each import is killed twice, half way through people and
half way through groups, and resumed; the last provider's after the package is gone.
Then all ids, names and members are compared, and the providers' deltas are played against this app.
Needs the extra ``test``.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.yardstick.databases import free_port, wait_for
from benchmarks.yardstick.folders import folder_of
from benchmarks.yardstick.stand_in import StandIn
from django_scim_provider.tools.simulator.directory import invent
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.steps import Step
from django_scim_provider.tools.simulator.traffic import Traffic
from tests.hosts.life import install
from tests.hosts.moving import FIRST, OLD_TOKEN, exchange_with, go_on, names_of, stored, teams_of
from tests.hosts.newcomer import Newcomer
from tests.hosts.packages import PACKAGES, Package

VENDORS = ("okta", "entra")
THREADS = 4
SETTINGS = """
DEBUG = False  # it has each statement kept as text
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES["default"]["CONN_MAX_AGE"] = None
"""
"""What a project has where it serves people."""
BATCHES = {"users": 500, "groups": 50}
"""How many the commands import at a time by default, after which they tell how many are done."""


def main(arguments: Sequence[str]) -> None:
    """Parse the command line, and move in from each package."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks moving-in", description=__doc__, formatter_class=form
    )
    parser.add_argument("--packages", nargs="+", choices=PACKAGES, default=list(PACKAGES))
    parser.add_argument("--providers", nargs="+", choices=VENDORS, default=VENDORS)
    parser.add_argument("--people", type=int, default=10_000, help="in the package")
    parser.add_argument("--groups", type=int, default=200, help="in the package")
    parser.add_argument("--deactivate", type=float, default=5, help="percent of the people")
    parser.add_argument(
        "--sent", type=float, default=10, help="percent that the old endpoints are sent"
    )
    parser.add_argument("--database-url", default="", help="an empty database; else SQLite")
    parser.add_argument("--folder", type=Path, help="keeps the projects")
    found = parser.parse_args(arguments)
    found.people //= len(found.providers)
    found.groups //= len(found.providers)
    with folder_of(found.folder) as folder:
        for name in found.packages:
            Move(PACKAGES[name], folder / name, found).run()


class Move:
    """A project with one of the packages, that moves in."""

    def __init__(self, package: Package, folder: Path, wanted: argparse.Namespace) -> None:
        folder.mkdir()
        self.package, self.wanted = package, wanted
        self.project = Newcomer(folder, folder.parent / "compiled", wanted.database_url)
        self.sessions: dict[str, Session] = {}
        self.tokens: dict[str, str] = {}

    def run(self) -> None:
        """Go through everything; ends the run where anything is not as it was."""
        self.project.start(self.package.name)
        self.project.add_settings(SETTINGS)
        install(self.project)
        for name in self.wanted.providers:
            token = self.project.manage("scim_generate_token", name, "--profile", name)
            self.tokens[name] = token.stdout.strip()
        with self._served() as url:
            for name in self.wanted.providers:
                with self._told(f"{name} brings in a part through the old endpoints"):
                    self._begin(name, f"{url}/old/scim/v2")
        for name in self.wanted.providers:
            with self._told(f"the rest of {name} is stored"):
                self._fill(self.sessions[name])
        for name in self.wanted.providers:
            if name == self.wanted.providers[-1]:
                self.package.uninstall(self.project)
                self._import(name, *self.package.left)
            else:
                self._import(name)
        for name in self.wanted.providers:
            self._compare(name)
        with self._served() as url:
            for name in self.wanted.providers:
                self._go_on(name, f"{url}/scim/v2")

    def _begin(self, name: str, url: str) -> None:
        """Play the first part against the package, and the rest against who only notes it."""
        wanted = self.wanted
        directory = invent(
            run=f"{name}1",
            seed=7,
            users=wanted.people,
            groups=wanted.groups,
            deactivate=wanted.deactivate,
        )
        first = [step for step in PROVIDERS[name].steps if step.name in FIRST[name]]
        session = Session(directory=directory, traffic=Traffic(exchange=StandIn()))
        self.sessions[name] = session
        people, groups = (
            [_part(step, wanted.sent, sent=sent) for sent in (True, False)] for step in first
        )
        with exchange_with(name, url, OLD_TOKEN) as exchange:
            sent = Traffic(exchange=exchange)
            noted = session.traffic
            # Groups have members of both parts, so people are all there before the first.
            for step, traffic in zip((*people, *groups), (sent, noted, sent, noted), strict=True):
                if step is groups[0]:
                    self._fill(session)
                session.traffic = traffic
                for item in step.over(directory):
                    step.play(session, item)
        session.traffic = noted
        told = (
            f"{_count(sent)} requests, {len(sent.failures)} that the provider could not live with"
        )
        print(f"    {told}")
        if (len(session.users), len(session.groups)) != (wanted.people, wanted.groups):
            raise SystemExit(
                "\n".join(f"{one.request.name}: {one.reason}" for one in sent.failures)
            )

    def _fill(self, session: Session) -> None:
        """Store what was only noted, and give the session the ids that it has got."""
        noted: Any = session.traffic.exchange
        people, groups = noted.taken("/Users"), noted.taken("/Groups")
        numbers = {id: number for number, id in session.groups.items()}
        members = [
            [session.users[one] for one in sorted(session.members[numbers[id]])] for id in groups
        ]
        file = self.project.folder / "wanted.json"
        file.write_text(json.dumps([[*people.values()], [*groups.values()], members]))
        code = (
            f"import json; from {self.package.app}.filling import make_people, make_teams\n"
            "people, groups, members = json.load(open('wanted.json'))\n"
            "print(json.dumps([make_people(people), make_teams(groups, members)]))"
        )
        made = json.loads(self.project.manage("shell", "-v", "0", "-c", code).stdout)
        known = (session.users, session.groups)
        for held, there, ids in zip((people, groups), known, made, strict=True):
            real = dict(zip(held, ids, strict=True))
            there.update({number: real.get(id, id) for number, id in there.items()})

    def _import(self, name: str, *more: str) -> None:
        arguments = (*self.package.arguments(name), *more)
        for total, noun in ((self.wanted.people, "users"), (self.wanted.groups, "groups")):
            size = BATCHES[noun]
            half = max(size, total // 2 // size * size)
            with self._told(f"{name} is imported, and killed at {half:,} {noun}"):
                self.project.killed(*arguments, at=f"] {half} of {total} {noun}".encode())
        with self._told(f"{name} is imported to its end"):
            print("    " + self.project.manage(*arguments).stdout.replace("\n", " "))

    def _compare(self, name: str) -> None:
        session = self.sessions[name]
        found = stored(self.project, name)
        if found != {"people": names_of(session), "made": 0, "groups": teams_of(session)}:
            raise SystemExit(f"{name}: it is not as it was in {self.package.name}")
        members = sum(map(len, found["groups"].values()))
        print(
            f"    {name}: {len(found['people']):,} ids of people and {len(found['groups']):,} of"
            f" groups are the same, with {members:,} members"
        )

    def _go_on(self, name: str, url: str) -> None:
        session = self.sessions[name]
        with self._told(f"the delta of {name}"):
            wrong = go_on(name, session, url, self.tokens[name])
        print(f"    {_count(session.traffic)} requests, {len(wrong)} failures")
        for operation in session.traffic.operations.values():
            at = " ".join(f"{operation.at(share):7.1f}" for share in (0.5, 0.95, 1))
            print(f"      {len(operation.milliseconds):>7,} {at} ms  {operation.name}")
        if wrong:
            raise SystemExit("\n".join(wrong[:20]))

    @contextmanager
    def _served(self) -> Iterator[str]:
        """Serve the project by one worker; yields its URL."""
        port, log = free_port(), self.project.folder / "gunicorn.log"
        command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        command += ["--threads", str(THREADS), "--no-control-socket", "shop.wsgi"]
        with log.open("a") as output:
            server = subprocess.Popen(
                command,
                cwd=self.project.folder,
                env=self.project.environment,
                stdout=output,
                stderr=output,
            )
        try:
            wait_for(port, server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Print how long the block took, and the CPU time of the commands that it ran."""
        begun, cpu = time.monotonic(), _cpu_of_commands()
        yield
        took, used = time.monotonic() - begun, _cpu_of_commands() - cpu
        print(
            f"{self.package.name}: {what}: {took:.1f} s, commands {used:.1f} s of CPU", flush=True
        )


def _part(step: Step, percent: float, *, sent: bool) -> Step:
    """Return the step for those who come first, or for all others."""

    def over(directory: Any) -> Sequence[Any]:
        everything = step.over(directory)
        first = round(len(everything) * percent / 100)
        return everything[:first] if sent else everything[first:]

    return replace(step, over=over)


def _count(traffic: Traffic) -> str:
    return f"{sum(len(each.milliseconds) for each in traffic.operations.values()):,}"


def _cpu_of_commands() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
