"""Trying recorded requests again: what would be answered now, and that nothing of it stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection as database

from django_scim_provider.connections.recordings import replaying
from django_scim_provider.connections.recordings.recording_switch import start_recording
from django_scim_provider.connections.recordings.rehearsing import Rehearsal, Reply, rehearsed
from django_scim_provider.connections.recordings.replaying import ReplayedExchange, replay
from django_scim_provider.models import (
    Failure,
    LinkedAccount,
    OutboxMessage,
    ProviderConnection,
    ProvisioningEvent,
    RecordedExchange,
)
from django_scim_provider.signals import user_provisioned
from tests import large_content
from tests.factories import make_token
from tests.parallel import in_processes
from tests.scim_client import CORE, SCIMTestClient

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = "http://testserver/scim/v2"
revoked: list[Any] = []


def note_revoked(*, user: Any, using: str) -> None:
    revoked.append(user.pk)


def tried(
    connection: ProviderConnection, only: RecordedExchange | None = None
) -> list[ReplayedExchange]:
    connection.refresh_from_db()
    return replay(connection, ROOT, names={"password"}, only=only)


def use_profile(connection: ProviderConnection, **fields: Any) -> None:
    ProviderConnection.objects.filter(pk=connection.pk).update(**fields)


def test_refusal_would_succeed_under_another_profile(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    use_profile(recorded, profile_switches={"booleans_as_text": False})
    body = {"schemas": [CORE], "userName": "ann", "active": "True"}
    assert scim_client.request("POST", "/Users", body).status == 400

    (before,) = tried(recorded)
    use_profile(recorded, profile_switches={})
    (after,) = tried(recorded, RecordedExchange.objects.get())

    assert (before.status, before.differs) == (400, False)
    assert (after.status, after.differs) == (201, True)
    assert "status" in after.differences
    assert '"userName": "ann"' in after.answer
    assert before.answer == ""


def test_nothing_of_it_stays(
    scim_client: SCIMTestClient, acme: ProviderConnection, scim_settings: Any
) -> None:
    scim_settings(REVOKERS=["tests.recorder.test_replay.note_revoked"])
    ann = scim_client.create_user("ann")
    start_recording(acme, hours=1, most=100)
    scim_client.create_user("bob")
    scim_client.patch(f"/Users/{ann['id']}", {"op": "replace", "path": "active", "value": False})
    scim_client.request("POST", "/Users", {"schemas": [CORE], "userName": "ann"})
    assert len(revoked) == 1
    scim_client.patch(f"/Users/{ann['id']}", {"op": "replace", "path": "active", "value": True})
    scim_client.request("DELETE", f"/Users/{LinkedAccount.objects.get(user_name='bob').scim_id}")
    revoked.clear()
    heard: list[Any] = []
    user_provisioned.connect(lambda **sent: heard.append(sent), weak=False, dispatch_uid="heard")
    models = (
        *(LinkedAccount, ProvisioningEvent, Failure, OutboxMessage, RecordedExchange),
        get_user_model(),
    )

    def all_rows() -> list[Any]:
        return [list(model._default_manager.order_by("pk").values()) for model in models]

    before = all_rows()
    try:
        found = tried(acme)
    finally:
        user_provisioned.disconnect(dispatch_uid="heard")

    # Each after what the ones before have changed: bob comes and goes again.
    assert [each.status for each in found] == [201, 200, 409, 200, 404]
    assert (all_rows(), heard, revoked) == (before, [], [])


ELSEWHERE = """
from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.db.models.signals import post_save
from django_scim_provider.connections.recordings.replaying import replay
from django_scim_provider.models import ProviderConnection
made = {**connections.settings["default"], "ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
connections.settings["other"] = {**made, "NAME": sys.argv[1]}
connections.settings["gone"] = {**made, "NAME": sys.argv[1] + "/none"}
connections.settings["none"] = {**made, "ENGINE": "django.db.backends.dummy"}
with connections["other"].cursor() as cursor:
    cursor.execute("CREATE TABLE noted (name TEXT)")
def note(**_):
    with transaction.atomic(using="other"), connections["other"].cursor() as cursor:
        cursor.execute("INSERT INTO noted VALUES ('ann')")
        transaction.on_commit(lambda: print("told", flush=True), using="other")
    print("noted", flush=True)
post_save.connect(note, sender=get_user_model())
found = replay(ProviderConnection.objects.get(), "http://testserver/scim/v2", names=set())
with connections["other"].cursor() as cursor:
    cursor.execute("SELECT count(*) FROM noted")
    print(found[0].status, cursor.fetchone()[0], flush=True)
"""


def test_other_databases_keep_nothing_either(
    scim_client: SCIMTestClient, recorded: ProviderConnection, tmp_path: Path
) -> None:
    ann = scim_client.create_user("ann")
    scim_client.request("DELETE", f"/Users/{ann['id']}")

    (told,) = in_processes(ELSEWHERE, [[str(tmp_path / "other.sqlite3")]])

    assert told.splitlines()[0] == "noted"
    assert told.splitlines()[-1] in ("200 0", "201 0")
    assert "told" not in told.splitlines()


def test_who_is_made_again_differs_by_what_the_profile_does_only(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    ann = scim_client.create_user("ann@x.example", title="Engineer")
    scim_client.request("DELETE", f"/Users/{ann['id']}")

    found = tried(recorded)

    assert (found[0].status, found[0].differences) == (201, [])


def test_secrets_are_left_out(
    scim_client: SCIMTestClient, recorded: ProviderConnection, scim_settings: Any
) -> None:
    scim_settings(ALLOW_PASSWORD=True)
    ann = scim_client.create_user("ann", password="correct horse")
    path = f"/Users/{ann['id']}"
    scim_client.patch(path, {"op": "replace", "path": "password", "value": "battery staple"})
    scim_client.find('password eq "correct horse"')
    scim_client.request("DELETE", path)

    found = tried(recorded)

    assert found[0].status == 201


def test_scopes_are_those_of_then(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    groups = SCIMTestClient(make_token(provider_id="acme", scopes=["scim.groups.read"]))
    assert groups.get("/Users").status == 403

    (found,) = tried(recorded)

    assert (found.status, found.differs) == (403, False)


def test_time_is_bounded(
    scim_client: SCIMTestClient, recorded: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        scim_client.get("/Users")
    monkeypatch.setattr(replaying, "SECONDS", 0)
    monkeypatch.setattr(replaying, "SECONDS_ALONE", 0)

    found = tried(recorded)

    assert [(each.status, each.left_out) for each in found] == [(None, "time")] * 2


def test_what_was_not_kept_whole_is_not_tried(
    scim_client: SCIMTestClient, recorded: ProviderConnection, settings: Any
) -> None:
    scim_client.create_user("ann", nickName="n" * 100_000)
    scim_client.request("POST", "/Users", b"{")
    assert [each.left_out for each in tried(recorded)] == ["cut", "unread"]

    settings.SECRET_KEY = "another"
    assert [each.left_out for each in tried(recorded)] == ["sealed", "sealed"]


def test_page_of_the_project_in_its_place_is_another_answer(
    scim_client: SCIMTestClient, recorded: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    scim_client.get("/Users")
    page = Reply(503, {}, b"<h1>Maintenance</h1>")
    monkeypatch.setattr(Rehearsal, "ask", lambda *_, **__: page)

    (found,) = tried(recorded, RecordedExchange.objects.get())

    assert (found.status, found.answer) == (503, "")
    assert "status" in found.differences


def test_answer_that_was_not_kept_is_compared_by_its_status(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    large_content.people(12)
    scim_client.get("/Users?count=12")

    (found,) = tried(recorded)

    assert (found.status, found.differs) == (200, False)


def test_more_than_are_read_at_once(
    scim_client: SCIMTestClient, recorded: ProviderConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "TOGETHER", 2)
    for _ in range(5):
        scim_client.get("/Users?count=0")

    assert [each.row.number for each in tried(recorded)] == [1, 2, 3, 4, 5]


def test_limit_of_the_identity_provider_is_not_used_up(
    scim_client: SCIMTestClient, recorded: ProviderConnection, scim_settings: Any
) -> None:
    scim_settings(THROTTLE_RATES={"connection": "3/day"})
    for _ in range(2):
        scim_client.get("/Users?count=0")

    tried(recorded)
    tried(recorded)

    assert scim_client.get("/Users?count=0").status == 200
    assert scim_client.get("/Users?count=0").status == 429


def test_token_of_a_rehearsal_is_the_only_one_that_opens(
    scim_client: SCIMTestClient, recorded: ProviderConnection
) -> None:
    with rehearsed(recorded, ROOT, seconds=5, scopes=frozenset({"scim.users.read"})) as rehearsal:
        good = rehearsal.ask("GET", "/scim/v2/Users")
        bad = rehearsal.ask("GET", "/scim/v2/Users", headers={"Authorization": "Bearer other"})
        text = rehearsal.token

    assert (good.status, bad.status) == (200, 401)
    assert SCIMTestClient(text).get("/Users").status == 401
    assert database.in_atomic_block is False
