"""A thousand changes, a receiver that fails half of the time, and a sender that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import defaultdict
from typing import Any

import pytest
from django.db import transaction

from django_scim_provider.models import OutboxMessage, ProviderConnection
from django_scim_provider.webhooks.endpoint_service import add_endpoint
from tests.parallel import ROOT, environment
from tests.scim_client import CORE, SCIMTestClient
from tests.webhooks.receiver import Receiver, half_of_the_time

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once_per_database]

PEOPLE = 100
CHANGES = 8
"""Of each person, between the first and the last."""

SENDER = """
import sys
from datetime import timedelta
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django_scim_provider.webhooks import queues, turns
settings.SCIM_PROVIDER |= {"WEBHOOK_ALLOWED_HOSTS": ["localhost"], "WEBHOOK_CA_FILE": sys.argv[1]}
queues.FIRST_DELAY = queues.LONGEST_DELAY = queues.LONGEST_PAUSE = timedelta(milliseconds=20)
queues.MAX_ATTEMPTS = 1000
from django_scim_provider.webhooks import sender
turns.LEASE = sender.LEASE = timedelta(seconds=13)
from django_scim_provider.management.commands import scim_send_notices
scim_send_notices.PAUSE = 0.05
call_command("scim_send_notices", loop=True)
"""


def start_sender(authority: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SENDER, authority]
    return subprocess.Popen(command, cwd=ROOT, env=environment())


def test_everything_arrives_in_order(
    scim_client: SCIMTestClient, receiver: Receiver, certificates: Any
) -> None:
    receiver.status = half_of_the_time()
    add_endpoint(ProviderConnection.objects.get(), receiver.address)
    authority = str(certificates.folder / "root.pem")
    senders = [start_sender(authority) for _ in range(2)]
    try:
        undone = make_changes(scim_client)
        assert OutboxMessage.objects.count() == PEOPLE * (CHANGES + 2)
        until(lambda: len(receiver.accepted) > 200)
        held = senders[0]
        held.send_signal(signal.SIGKILL)  # the other one takes over what it leaves
        held.wait()
        senders.append(start_sender(authority))
        until(lambda: not OutboxMessage.objects.filter(state="waiting").exists())
    finally:
        for each in senders:
            each.terminate()
        for each in senders:
            each.wait()

    told: defaultdict[str, list[int]] = defaultdict(list)
    for sent in receiver.accepted:
        data = sent["message"]["data"]
        told[data["id"]].append(data["version"])
    assert len(told) == PEOPLE
    for versions in told.values():
        firsts = list(dict.fromkeys(versions))
        assert firsts == list(range(1, CHANGES + 3))
    assert not set(told) & undone
    assert len(receiver.requests) > len(receiver.accepted)


def make_changes(client: SCIMTestClient) -> set[str]:
    """Make a thousand changes; return the ids of people of whom nothing was committed."""
    undone = set()
    ids = [client.create_user(f"p{number}@x.example")["id"] for number in range(PEOPLE)]
    for number in range(CHANGES):
        operation = {"op": "replace", "path": "title", "value": f"T{number}"}
        for id in ids:
            assert client.patch(f"/Users/{id}", operation).status == 200
        with transaction.atomic():
            body = {"schemas": [CORE], "userName": f"gone{number}@x.example"}
            undone.add(client.request("POST", "/Users", body).json["id"])
            transaction.set_rollback(True)
    for id in ids:
        assert client.request("DELETE", f"/Users/{id}").status == 204
    return undone


def until(holds: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)
