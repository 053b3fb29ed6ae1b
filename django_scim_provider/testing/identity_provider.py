"""An identity provider in the process of the test: what each vendor would send, move by move."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django_scim_provider.testing.scim_client import SCIM_JSON, SCIMTestClient
from django_scim_provider.tools.answers import HTTPAnswer
from django_scim_provider.tools.simulator.directory import Directory, Employee, Team, invent
from django_scim_provider.tools.simulator.pacing import Pace
from django_scim_provider.tools.simulator.providers import PROVIDERS
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.simulation import Simulation
from django_scim_provider.tools.simulator.steps import IdentityProvider, Moves
from django_scim_provider.tools.simulator.traffic import ProvisioningFailure, Traffic


class ProvisioningRefused(AssertionError):
    """The provider could not live with an answer; the text is what its administrators would read.

    ``failures`` are the answers.
    """

    def __init__(self, text: str, failures: list[ProvisioningFailure]) -> None:
        self.failures = failures
        super().__init__(text)


class InProcessExchange:
    """Gives the requests of the simulator to a client of the test, without a network."""

    def __init__(self, client: SCIMTestClient, headers: Mapping[str, str]) -> None:
        self.token = client.token or ""
        self._client, self._headers = client, headers

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        before: Callable[[], Mapping[str, str]] = dict,
        throttled: Callable[[HTTPAnswer, int], bool] = lambda answer, tries: False,
    ) -> HTTPAnswer:
        """Send a request and return its answer; see ``tools.http.HTTPExchange.send``."""
        content = b"" if body is None else json.dumps(body).encode()
        tries = 0
        while True:
            sent = {**self._headers, **before(), **(headers or {})}
            answer = self._once(method, path, content, sent)
            tries += 1
            if answer.status != 429 or not throttled(answer, tries):
                return answer

    def _once(self, method: str, path: str, content: bytes, sent: dict[str, str]) -> HTTPAnswer:
        sent_at, started = datetime.now(UTC), time.perf_counter()
        media_type = sent.pop("Content-Type", SCIM_JSON)
        got = self._client.request(method, path, content, sent, CONTENT_TYPE=media_type)
        return HTTPAnswer(
            method=method,
            path=path,
            status=got.status,
            headers=got.headers,
            content=got.text.encode(),
            sent_at=sent_at,
            seconds=time.perf_counter() - started,
            authorized=True,
        )


class FakeIdP:
    """A vendor's provisioning service with one application, which is the project under test.

    People are named by their ``userName``; who was not heard of yet is invented, and ``person``
    says who they are. Each move sends what the vendor would send, in its own shapes, with the
    look-ups before it, and fails the test where the vendor could not live with an answer
    (``ProvisioningRefused``).
    """

    def __init__(self, name: str, client: SCIMTestClient) -> None:
        if name not in PROVIDERS:
            raise ValueError(f"There is no {name!r}; there are {', '.join(sorted(PROVIDERS))}.")
        self.provider: IdentityProvider = PROVIDERS[name]
        self.client = client
        self._people: dict[str, Employee] = {}
        self._teams: dict[str, Team] = {}
        self._numbers, self._run = count(), secrets.token_hex(4)
        self._session = self._begin(Directory(run=self._run, people=(), teams=(), leavers=()))

    # People

    def person(self, user_name: str, **known: Any) -> Employee:
        """Return somebody, and make known who they are.

        ``known`` are ``given_name``, ``family_name``, ``title``, ``department`` and ``phone``.
        """
        found = self._people.get(user_name) or self._invented(user_name)
        self._people[user_name] = replace(found, **known)
        return self._people[user_name]

    def assign(self, user_name: str, **known: Any) -> str:
        """Give somebody the application, or its access back; return the SCIM id of the account."""
        person = self.person(user_name, **known)
        if person.number in self._session.users:
            self.reactivate(user_name)
        else:
            self._move(self._moves.assign, person)
        return self._session.users[person.number]

    def update(self, user_name: str, *, title: str) -> None:
        """Give somebody another title, as the vendor sends a change of the profile."""
        person = replace(self._assigned(user_name), new_title=title)
        self._move(self._moves.update, person)
        self._people[user_name] = replace(person, title=title)

    def deactivate(self, user_name: str) -> None:
        """Take somebody's access."""
        self._move(self._moves.switch, self._as_is(user_name), active=False)

    def reactivate(self, user_name: str) -> None:
        """Give somebody their access back."""
        self._move(self._moves.switch, self._as_is(user_name), active=True)

    def remove(self, user_name: str) -> None:
        """Take somebody away for good, as far as the vendor does: Okta only takes the access."""
        self._move(self._moves.remove, self._as_is(user_name))

    # Groups

    def push_group(self, name: str, *user_names: str) -> str:
        """Push a group with people who have the application; return its SCIM id."""
        members = tuple(self._assigned(each) for each in user_names)
        number = next(self._numbers)
        team = Team(
            number=number,
            key=f"{self._run}g{number:04d}",
            name=name,
            members=members,
            joins=(),
            leaves=(),
        )
        self._move(self._offered("push_group"), team)
        self._teams[name] = team
        return self._session.groups[number]

    def add_members(self, name: str, *user_names: str) -> None:
        """Add people who have the application to a group."""
        people = [self._assigned(each) for each in user_names]
        self._move(self._session_add, self._teams[name], people, self._offered("add"))

    def remove_members(self, name: str, *user_names: str) -> None:
        """Take people out of a group."""
        people = [self._assigned(each) for each in user_names]
        self._move(self._offered("leave"), self._teams[name], people)

    def delete_group(self, name: str) -> None:
        """Delete a group."""
        self._move(Session.delete_group, self._teams.pop(name))

    # Everything

    def test_connection(self) -> None:
        """Do what the button does that tests the connection."""
        self._move(self.provider.steps[0].play, self._session.directory)

    def full_sync(self, *, people: int = 10, groups: int = 2, seed: int = 1) -> Simulation:
        """Play an invented company from its import to its departures, and return the run.

        Its people are apart from those whom the test knows. ``run.session.directory`` has them,
        with their groups and who left.
        """
        directory = invent(
            run=secrets.token_hex(4),
            seed=seed,
            users=people,
            groups=groups if self.provider.pushes_groups else 0,
            deactivate=30,
        )
        run = Simulation(
            provider=self.provider, session=self._begin(directory), announce=lambda *told: None
        )
        run.play()
        if not run.good:
            raise self._refused(run.session.traffic.failures, run.stopped)
        return run

    # How

    @property
    def _moves(self) -> Moves:
        return self.provider.moves

    def _begin(self, directory: Directory) -> Session:
        exchange = InProcessExchange(self.client, self.provider.headers)
        # Who is told to wait asks again at once.
        pace = Pace(sleep=lambda seconds: None)
        return Session(directory=directory, traffic=Traffic(exchange=exchange, pace=pace))

    def _move(self, move: Callable[..., None], *about: Any, **how: Any) -> None:
        before = self._session.traffic.failures
        known = {id(one) for one in before}  # one that is sent twice may fail twice alike
        move(self._session, *about, **how)
        new = [one for one in self._session.traffic.failures if id(one) not in known]
        if new:
            raise self._refused(new)

    def _refused(self, failures: list[ProvisioningFailure], why: str = "") -> ProvisioningRefused:
        told = [f"{self.provider.shown(one)} [{one.wrong}]" for one in failures[:10]]
        return ProvisioningRefused("\n".join(filter(None, [why, *told])), failures)

    @staticmethod
    def _session_add(session: Session, team: Team, people: list[Employee], add: Any) -> None:
        session.add_members(team, people, add)

    def _offered(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] | None = getattr(self._moves, name)
        if found is None:
            raise ValueError(f"{self.provider.title} pushes no groups.")
        return found

    def _assigned(self, user_name: str) -> Employee:
        person = self._people.get(user_name)
        if person is None or person.number not in self._session.users:
            raise ValueError(f"{user_name!r} does not have the application: assign it first.")
        return person

    def _as_is(self, user_name: str) -> Employee:
        """Return somebody who keeps their title where the vendor sends the whole user."""
        person = self._assigned(user_name)
        return replace(person, new_title=person.title)

    def _invented(self, user_name: str) -> Employee:
        number = next(self._numbers)
        (model,) = invent(run=self._run, seed=number, users=1, groups=0, deactivate=0).people
        return replace(
            model, number=number, key=f"{self._run}{number:05d}", user_name=user_name, manager=None
        )
