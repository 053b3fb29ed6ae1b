"""What is asked about before it is done: linking a user, and letting somebody come back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.coming_back import bring_back, may_bring_back, returning
from django_scim_provider.connections.linking import is_entitled, link_user, may_link
from django_scim_provider.core.errors import USER
from django_scim_provider.models import Failure, ProviderConnection
from django_scim_provider.models.moments import utc_now
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.failures.identities import FORGOTTEN, Identity, identity_of


class Refused(Exception):
    """It cannot be done; the text says why."""


class Confirmed(ABC):
    """Something that a person may do about a failure, after they were asked."""

    title: ClassVar[Any]
    """Translatable; the text of the button."""
    logged: ClassVar[str]
    """What the admin's log calls it."""

    def __init__(
        self, person: AbstractBaseUser, connection: ProviderConnection, failure: Failure
    ) -> None:
        self.person = person
        self.connection = connection
        self.failure = failure

    def is_permitted(self) -> bool:
        """Tell whether the person may have anything to do with who is linked."""
        return is_entitled(self.person, self.connection)

    @abstractmethod
    def explanation(self) -> list[str]:
        """Return what will happen, in paragraphs.

        Raises:
            Refused: nothing can.
        """

    @abstractmethod
    def act(self) -> str:
        """Do it, and return what is said of it.

        Raises:
            Refused: it cannot be done.
        """

    @cached_property
    def identity(self) -> Identity | None:
        """Return who was refused, if that is still known."""
        return identity_of(self.failure)

    @property
    def _user_type(self) -> Any:
        return get_registry().by_name("User").resource_type


class LinkConfirmed(Confirmed):
    """Link the user of the project who has the name or the address."""

    title = _("Link to that user")
    logged = "Linked the user of failure"

    @cached_property
    def user(self) -> AbstractBaseUser:
        """Return the user in the way.

        Raises:
            Refused: there is none any more.
        """
        if self.failure.collides_type != USER or self.failure.action != "create":
            raise Refused(gettext("No user of the project is in the way."))
        users = get_user_model()._base_manager.using(get_settings().DATABASE)
        found = users.filter(pk=self.failure.collides_id).first()
        if found is None:
            raise Refused(gettext("The user is not there any more."))
        return found

    @property
    def named(self) -> dict[str, str]:
        """Return what the identity provider calls them, as far as it is known in full."""
        if self.identity is None or not self.identity.is_whole:
            return {}
        known = {"userName": self.identity.name, "externalId": self.identity.external_id}
        return {name: text for name, text in known.items() if text}

    def explanation(self) -> list[str]:
        """Say who is linked and what that means."""
        refusal = may_link(self.person, self.connection, self.user, self.named)
        if refusal is not None:
            raise Refused(str(refusal))
        who = {"user": self.user.get_username(), "id": self.user.pk}
        told = [
            gettext("The user %(user)s (id %(id)s) gets an account of this connection.") % who,
            gettext(
                "From then on the identity provider may change and deactivate this person. Name, "
                "address and password of the user stay as they are now."
            ),
        ]
        if self.named:
            told.append(
                gettext("The identity provider will find them as %(name)s.")
                % {"name": self.named.get("userName") or self.named.get("externalId")}
            )
        else:
            told.append(
                gettext(
                    "What the identity provider calls them is not known any more, so it will find "
                    "them by the user name %(user)s only."
                )
                % who
            )
        told.append(gettext("Make sure that both are the same person."))
        return told

    def act(self) -> str:
        """Link, and end the failure: the account that was asked for is there."""
        told = link_user(self.person, self.connection, self.user, self._user_type, self.named)
        if told is not None:
            raise Refused(str(told))
        rows = Failure.objects.using(get_settings().DATABASE).filter(pk=self.failure.pk)
        rows.update(state=Failure.State.DONE, ended_at=utc_now(), **FORGOTTEN)
        return gettext("%(user)s is linked.") % {"user": self.user.get_username()}


class BringBackConfirmed(Confirmed):
    """Let somebody come back whom the connection knew under another ``externalId``."""

    title = _("Bring back")
    logged = "Let come back who failed in"

    @cached_property
    def found(self) -> Any:
        """Return the account or tombstone.

        Raises:
            Refused: there is none, or the user is protected.
        """
        found = returning(self.failure, self.connection)
        if found is None or not may_bring_back(self.person, self.connection, found):
            raise Refused(gettext("Nobody can come back here."))
        return found

    def explanation(self) -> list[str]:
        """Say who comes back, and when."""
        who = {"user": self.found.user.get_username()}
        return [
            gettext("This connection knew %(user)s before, under another externalId.") % who,
            gettext(
                "If it is the same person, that externalId is forgotten. The next time that the "
                "identity provider sends them, they get their account back; nothing opens before."
            ),
            gettext("Make sure that both are the same person."),
        ]

    def act(self) -> str:
        """Forget the ``externalId`` of before."""
        bring_back(self.person, self.connection, self.found, self._user_type)
        return gettext("They come back the next time that the identity provider sends them.")


CONFIRMED: dict[str, type[Confirmed]] = {"link": LinkConfirmed, "bring-back": BringBackConfirmed}
"""By what the address calls it."""
