"""A connection with people and groups, and the form of its mappings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client

from django_scim_provider.models import ProviderConnection, RoleMapping
from tests.administration import confirmed, url
from tests.people import connect, host_user, post
from tests.scim_client import SCIMTestClient
from tests.test_groups import make_group


def text_of(page: Any) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def file_of(answer: Any) -> str:
    """Return a file that is streamed."""
    return b"".join(answer).decode()


def told(answer: Any) -> list[str]:
    """Return the messages that an answer leaves."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


@dataclass
class Company:
    """A directory with Ann and Bob in its group ``Team``, and a Django group ``crew``."""

    scim: SCIMTestClient
    connection: ProviderConnection
    ann: dict[str, Any]
    bob: dict[str, Any]
    team: dict[str, Any]
    crew: Group

    def answers(self, **more: Any) -> dict[str, Any]:
        """Return what maps the team to the crew."""
        chosen = {"group": self.team["id"], "match_by": "id", "django_group": self.crew.pk}
        return {"provider": "acme", **chosen, **more}

    def map(self, client: Client, **more: Any) -> Any:
        """Map the team, having seen what it does."""
        return confirmed(client, url(RoleMapping, "add"), self.answers(**more))

    def in_crew(self) -> list[str]:
        return sorted(user.username for user in self.crew.user_set.all())


@pytest.fixture
def company(db: None) -> Company:
    scim = connect()
    ann, bob = (post(scim, name).json for name in ("ann", "bob"))
    team = make_group(scim, "Team", ann["id"], bob["id"])
    crew = Group.objects.create(name="crew")
    return Company(scim, ProviderConnection.objects.get(), ann, bob, team, crew)


__all__ = ["Company", "company", "file_of", "host_user", "text_of", "told"]
