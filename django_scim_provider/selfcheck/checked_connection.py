"""The connection that is checked, and what each check needs of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

from django_scim_provider.adapter import DefaultAdapter, adapter_class, get_adapter
from django_scim_provider.adapter.provisioning_context import ProvisioningContext
from django_scim_provider.conf import get_settings
from django_scim_provider.connections.recordings.rehearsing import TransactionOver
from django_scim_provider.core.profiles import Profile
from django_scim_provider.core.schemas.definitions import Resource, ResourceType
from django_scim_provider.core.stored_text import content
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.models.connection_profiles import profile_in_force, stored_profile
from django_scim_provider.registry import get_registry
from django_scim_provider.selfcheck.invented_values import differences, user_of
from django_scim_provider.selfcheck.places_of_code import (
    place_of,
    place_of_method,
    sentence_of,
)
from django_scim_provider.selfcheck.rehearsed_caller import HeardAnswer, RehearsedCaller
from django_scim_provider.selfcheck.told_faults import ToldFault, TransactionEnded
from django_scim_provider.selfcheck.watched_rows import WatchedUsers
from django_scim_provider.storage.request_context import entered
from django_scim_provider.storage.store_context import context_of
from django_scim_provider.storage.transactions import savepoint
from django_scim_provider.storage.users.host_fields import host_fields
from django_scim_provider.storage.users.mapping.one_to_one import differences_beside, split

HOOKS = {
    "POST": "create_user",
    "PUT": "update_user",
    "PATCH": "update_user",
    "DELETE": "delete_user",
}
"""What of the adapter writes users, by the method of the request."""


@dataclass(slots=True, kw_only=True)
class TakenStep:
    """A request of a check, with what was wrong with it."""

    answer: HeardAnswer
    faults: list[ToldFault]
    went: bool
    """Was it answered as it should be?"""


@dataclass(kw_only=True)
class CheckedConnection:
    """One connection whose requests are tried, and another one beside it."""

    connection: ProviderConnection
    caller: RehearsedCaller
    neighbour: RehearsedCaller
    """Asks as another connection of the same organization."""
    run: str
    """A part of all names."""
    sample: Mapping[str, Any]
    """What people of the checks have besides, or in place of, what is invented."""
    using: str = field(default_factory=lambda: get_settings().DATABASE)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @cached_property
    def watched(self) -> WatchedUsers:
        """Return the users whom no request is about."""
        return WatchedUsers(self.connection.provider_id)

    @property
    def profile(self) -> Profile:
        """Return the profile in force."""
        return profile_in_force(*stored_profile(self.connection))

    @property
    def user_type(self) -> ResourceType:
        """Return the users' resource type, with the extensions of the project."""
        return get_registry().by_name("User").resource_type

    def number(self) -> int:
        """Return a number that no other resource of the checks has."""
        return next(self._numbers)

    def user(self, number: int | None = None) -> Resource:
        """Return a user as a directory sends one; somebody else each time."""
        return user_of(number or self.number(), self.run, self.user_type, self.sample)

    def adapter(self, resource: Mapping[str, Any] | None = None) -> DefaultAdapter:
        """Return the project's adapter, as one operation of the connection has it."""
        connection = self.connection
        return get_adapter(
            ProvisioningContext(
                provider_id=connection.provider_id,
                organization_id=connection.organization_id,
                owner_id=connection.personal_owner_id,
                profile=connection.profile,
                using=self.using,
                request_id="scim-selfcheck",
                resource=resource,
            )
        )

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask the project as requests do: in its ``REQUEST_CONTEXT``, undone where it raises."""
        with entered(context_of(self.connection)), savepoint(self.using):
            yield

    def at(self, hook: str) -> str:
        """Return where a method of the adapter is, or else the class."""
        return place_of_method(adapter_class(), hook)

    def account(self, id: str) -> LinkedAccount | None:
        """Return the account of a SCIM id, as the database has it; None in stores without any."""
        rows = LinkedAccount.objects.using(self.using).of(self.connection.provider_id)
        with self.asking():
            return rows.select_related("user").filter(scim_id=id).first()

    def step(
        self,
        what: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: tuple[int, ...] = (200, 204),
        where: str = "",
    ) -> TakenStep:
        """Send a request, and see that its answer is as expected and that nobody else changed.

        ``what`` is the request in words. ``where`` is where to look if nothing is known better.

        Raises:
            TransactionEnded: the database has undone all requests.
        """
        where = where or self.at(HOOKS.get(method, "user_fields"))
        before, own = self.watched.photo(), self._about(path)
        try:
            with self.watched.noting_writers():
                answer = self.caller.send(method, path, body)
        except TransactionOver as error:
            says = (
                f"{what} ({method} {path}) makes the database end the transaction of the checks, "
                "as it does when it refuses a write: the rest of this check is not made."
            )
            raise TransactionEnded(ToldFault(where, says)) from error
        own |= self._about(path, str(answer.body.get("id") or ""))
        faults = list(self.watched.differences(before, what, where, own))
        went = answer.status in expect
        if not went:
            faults.append(unexpected(what, answer, expect, where))
        return TakenStep(answer=answer, faults=faults, went=went)

    def _about(self, path: str, id: str = "") -> set[Any]:
        """Return the keys of the users whom a request may write.

        Roles of a group concern its members, so those of the connection; other resources nobody.
        """
        endpoint, _, named = path.lstrip("/").partition("/")
        if endpoint == "Groups":
            return self.watched.keys_of("")
        meant = (named or id) if endpoint == "Users" else ""
        return self.watched.keys_of(meant) if meant else set()

    def kept(self, id: str, after: str, hook: str) -> Iterator[ToldFault]:
        """Yield what the project's user does not hold of what the adapter says of the resource."""
        account = self.account(id)
        if account is None:
            return
        resource = content(account.resource)
        try:
            with self.asking():
                adapter = self.adapter(resource)
                fields, beside = split(host_fields(adapter, resource, self.profile))
                found = dict(adapter.differences(account.user, resource, fields))
                found |= differences_beside(account.user, beside)
                is_active = adapter.is_active(account.user)
        except Exception as error:
            yield raised(f"comparing the user with the resource after {after}", error)
            return
        for name, (is_now, due) in found.items():
            yield ToldFault(
                self.at(hook),
                f"After {after}, {name} of the user is {is_now!r}, and the adapter says {due!r}: "
                "the value is dropped on its way to the database.",
                reason=f"{name} is dropped",
            )
        if is_active is not None and is_active != bool(account.active):
            yield ToldFault(
                self.at(hook),
                f"After {after}, the user is {'active' if is_active else 'not active'}, and the "
                f"directory says active: {account.active!r}.",
                reason=f"active stays {is_active}",
            )

    def shown(
        self, sent: Resource, answer: HeardAnswer, what: str, where: str, *without: str
    ) -> Iterator[ToldFault]:
        """Yield what an answer shows in another way than it was sent."""
        told = {name: value for name, value in sent.items() if name not in ("schemas", *without)}
        told.pop("password", None)
        for path, was_sent, is_shown in differences(told, answer.body):
            lost = "is not shown" if is_shown is None else f"is shown as {is_shown!r}"
            kind = ""
            if is_shown is not None and type(is_shown) is not type(was_sent):
                kind = f", a {type(is_shown).__name__} and no {type(was_sent).__name__}"
            yield ToldFault(where, f"After {what}, {path} {lost}{kind}; {was_sent!r} was sent.")


def unexpected(what: str, answer: HeardAnswer, expect: tuple[int, ...], where: str) -> ToldFault:
    """Return the fault that an answer has another status than it should have."""
    if answer.raised is not None:
        return raised(what, answer.raised, answer)
    due = " or ".join(str(status) for status in expect)
    return ToldFault(where, f"{what} ({answer.asked}) is answered by {answer.says}, not by {due}.")


def raised(what: str, error: BaseException, answer: HeardAnswer | None = None) -> ToldFault:
    """Return the fault that the project's code raised."""
    told = "" if answer is None else f" ({answer.asked}, answered by {answer.status})"
    sentence = sentence_of(error)
    return ToldFault(place_of(error), f"{what}{told} raises {sentence}.", reason=sentence)
