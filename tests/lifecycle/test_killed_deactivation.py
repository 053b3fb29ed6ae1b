"""A worker that is killed in the middle of a deactivation leaves the user open or closed."""

from __future__ import annotations

import time

import pytest

from django_scim_provider.models import LinkedAccount, ProvisioningEvent
from tests.parallel import kill_half_way
from tests.people import connect, host_user, post, set_active
from tests.scim_client import SCIMTestClient
from tests.tenancy.models import Membership

HALF = """
import signal, sys
from importlib import import_module
import django
django.setup()
from tests.people import set_active
from tests.scim_client import SCIMTestClient
module, _, names = sys.argv[1].partition(":")
*owners, name = names.split(".")
owner = import_module(module)
for each in owners:
    owner = getattr(owner, each)
original = getattr(owner, name)
def half_way(*args, **kwargs):
    result = original(*args, **kwargs)
    print("half", flush=True)
    signal.pause()
    return result
setattr(owner, name, half_way)
set_active(SCIMTestClient(sys.argv[2]), {"id": sys.argv[3]}, False)
"""
STEPS = {
    "user-is-closed": "django_scim_provider.adapter:DefaultAdapter.update_user",
    "sessions-are-ended": "django_scim_provider.storage.users.host_users:HostUsers.revoke",
    "event-is-written": "django_scim_provider.storage.events:_write",
}


def state(user: dict[str, str]) -> tuple[bool, bool, bool, int]:
    """Return what a deactivation changes: user, account, membership, events."""
    account = LinkedAccount.objects.get(scim_id=user["id"])
    return (
        host_user(user).is_active,
        bool(account.active),
        Membership.objects.get().is_active,
        ProvisioningEvent.objects.filter(resource_id=user["id"]).count(),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_killed_deactivation_has_done_nothing_and_can_be_done_again(step: str) -> None:
    client = connect(organization_id="corp")
    user = post(client, "ann@x.example").json
    before = state(user)
    token = str(client.token)

    kill_half_way(HALF, step, token, user["id"])
    after = state(user)
    deadline = time.monotonic() + 60
    while (answer := set_active(SCIMTestClient(token), user, False)).status == 503:
        assert time.monotonic() < deadline  # the server has not noticed yet

    assert before[:3] == (True, True, True)
    assert after == before
    assert answer.status == 200
    assert state(user)[:3] == (False, False, False)
