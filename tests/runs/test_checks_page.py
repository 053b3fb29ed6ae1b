"""The page on which people start checks, and see how they went."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_scim_provider.admin.run_pages import checks_page, run_forms, run_rows
from django_scim_provider.insight.run_keeping import begin_run, end_run
from django_scim_provider.models import CheckRun, ProviderConnection
from tests.administration import logged_in, staff, url
from tests.factories import make_connection
from tests.runs.conftest import Begin
from tests.runs.test_run_keeping import be_silent

pytestmark = pytest.mark.django_db
States = CheckRun.State


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[CheckRun]:
    """Return what would have been started."""
    found: list[CheckRun] = []
    monkeypatch.setattr(checks_page, "start", found.append)
    monkeypatch.setattr(checks_page, "after_commit", lambda using, call: call())
    return found


def address(connection: ProviderConnection) -> str:
    return url(ProviderConnection, "checks", connection.pk)


def page_of(client: Client, connection: ProviderConnection) -> str:
    response = client.get(address(connection))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    content = response.content.decode()
    return str(content[content.index('<div class="scim-page">') :])


def test_run_is_started_once(
    root: Client, acme: ProviderConnection, started: list[CheckRun]
) -> None:
    assert "Not started yet." in page_of(root, acme)

    for _ in range(2):
        response = root.post(address(acme), {"kind": "drift"}, follow=True)

    assert [run.kind for run in started] == ["drift"]
    assert started[0].options == {"origin": "http://testserver"}
    content = response.content.decode()
    assert "It runs already; wait for its end." in content
    assert "A check is running." in content
    assert "data-scim-settled" not in content


def test_simulator_asks_what_to_play(
    root: Client, acme: ProviderConnection, started: list[CheckRun]
) -> None:
    asked = {"kind": "simulator", "product": "okta", "people": 500, "confirmed": "on"}
    page = root.post(address(acme), asked).content.decode()
    assert "Please correct the errors below." in page
    assert not started

    root.post(address(acme), {**asked, "people": 5})
    assert (started[0].options["product"], started[0].options["people"]) == ("okta", 5)


def test_code_of_the_project_is_confirmed_where_there_is_some(
    root: Client,
    acme: ProviderConnection,
    started: list[CheckRun],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = {"kind": "simulator", "product": "okta", "people": 5}
    monkeypatch.setattr(run_forms, "has_own_code", lambda: True)
    assert "This project has code of its own" in page_of(root, acme)
    root.post(address(acme), asked)
    assert not started

    monkeypatch.setattr(run_forms, "has_own_code", lambda: False)
    assert "This project has code of its own" not in page_of(root, acme)
    root.post(address(acme), asked)
    assert started


def test_form_begins_with_the_product_of_the_connection(root: Client) -> None:
    assert '<option value="entra" selected>' in page_of(
        root, make_connection(provider_id="e", profile="entra")
    )


def test_unknown_kind_is_404(root: Client, acme: ProviderConnection) -> None:
    assert root.post(address(acme), {"kind": "sing"}).status_code == 404


def test_permission_is_its_own(acme: ProviderConnection, started: list[CheckRun]) -> None:
    runs = logged_in(staff("runs", "view_providerconnection", "run_checks"))
    nothing = logged_in(staff("nothing", "view_providerconnection", "change_providerconnection"))

    assert nothing.get(address(acme)).status_code == 403
    assert nothing.post(address(acme), {"kind": "drift"}).status_code == 403
    assert not started
    assert runs.get(address(acme)).status_code == 200
    assert runs.post(address(acme), {"kind": "drift"}).status_code == 302
    assert len(started) == 1


def test_foreign_personal_connection_is_404() -> None:
    owner = get_user_model()._default_manager.create(username="owner")
    personal = make_connection(provider_id="personal", owner=owner)
    runs = logged_in(staff("runs", "view_providerconnection", "run_checks"))

    assert runs.get(address(personal)).status_code == 404
    assert runs.post(address(personal), {"kind": "drift"}).status_code == 404
    assert not CheckRun.objects.exists()


def test_post_needs_the_csrf_token(acme: ProviderConnection) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        staff("root2", is_superuser=True), backend="django.contrib.auth.backends.ModelBackend"
    )

    assert client.post(address(acme), {"kind": "drift"}).status_code == 403


def test_progress_is_shown(root: Client, acme: ProviderConnection, begin: Begin) -> None:
    run = begin("drift")
    assert "It is about to begin." in page_of(root, acme)

    CheckRun.objects.filter(pk=run.pk).update(done=3, total=12)
    page = page_of(root, acme)
    assert 'value="25" max="100"' in page
    assert "3 of 12" in page


def test_scripts_and_styles_are_there(root: Client, acme: ProviderConnection) -> None:
    content = root.get(address(acme)).content.decode()
    named = re.findall(r'(?:src|href)="/static/(django_scim_provider/[^"]+)"', content)

    assert "django_scim_provider/live.js" in named
    assert [each for each in named if finders.find(each) is None] == []


def test_killed_run_is_told(root: Client, acme: ProviderConnection, begin: Begin) -> None:
    be_silent(begin("drift"))

    page = page_of(root, acme)
    assert "Nothing was heard of it for two minutes" in page
    assert "A check is running." not in page


def test_what_was_found_is_shown_and_escaped(
    root: Client, acme: ProviderConnection, begin: Begin
) -> None:
    failure = {"operation": "<b>", "status": 409, "scimType": "x", "shown": "<i>", "wrong": ""}
    operation = {"operation": "Create", "count": 1, "median": 1.5, "max": 2.5, "failures": 1}
    told = {"requests": 9, "failed": 1, "failures": [failure], "operations": [operation]}
    end_run(begin("simulator"), States.DONE, told)
    end_run(begin("drift"), States.DONE, {"compared": 1, "differing": 0, "findings": []})
    drifted = {"type": "User", "id": "", "names": ["title"]}
    end_run(begin("drift"), States.DONE, {"compared": 1, "differing": 1, "findings": [drifted]})
    finding = {
        "kind": "redirect-host",
        "values": {"request": "GET /", "status": "301", "location": "<u>"},
        "request_id": "scim-doctor-1",
    }
    checks = {"connection": "passed", "clock": "failed"}
    end_run(begin("doctor"), States.DONE, {"findings": [finding], "checks": checks})

    page = page_of(root, acme)
    assert "9 requests; 1 were not answered as it needs them." in page
    assert "&lt;b&gt;" in page
    assert "&lt;i&gt;" in page
    assert "1 compared, 1 differ." in page
    assert "1 earlier one" in page
    assert "is sent (301) to another host: &lt;u&gt;." in page
    assert "1 errors, 0 remarks." in page
    assert "clock: failed" in page


def test_without_the_tools_it_says_so(
    root: Client, acme: ProviderConnection, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (checks_page, run_rows):
        monkeypatch.setattr(module, "has_tools", lambda: False)
    end_run(begin("doctor"), States.DONE, {"findings": [], "checks": {"clock": "passed"}})

    page = page_of(root, acme)
    assert page.count("This needs the extra “tools”") == 2
    assert "clock: passed" in page
    assert root.post(address(acme), {"kind": "doctor"}).status_code == 404


def test_tokens_of_another_issuer(
    root: Client, acme: ProviderConnection, scim_settings: Any
) -> None:
    scim_settings(BASE_URL="https://x.example/scim/v2", TOKEN_VERIFIER="tests.extensions.no")

    assert "checks tokens by code of its own" in page_of(root, acme)
    assert root.post(address(acme), {"kind": "doctor"}).status_code == 404


def test_statements_do_not_grow_with_runs(
    root: Client, acme: ProviderConnection, begin: Begin
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(database) as seen:
            page_of(root, acme)
        return len(seen)

    page_of(root, acme)
    end_run(begin("drift"), States.DONE, {})
    few = statements()
    for kind in CheckRun.Kind.values:
        for _ in range(4):
            run = begin_run(acme, kind, {})
            assert run is not None
            end_run(run, States.DONE, {})

    assert statements() == few


@pytest.mark.django_db(transaction=True)
def test_thread_makes_it(root: Client, acme: ProviderConnection) -> None:
    made: list[Any] = []
    thread = threading.Thread

    def kept(**options: Any) -> Any:
        made.append(thread(**options))
        return made[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(threading, "Thread", kept)
        root.post(address(acme), {"kind": "drift"})
    made[0].join(60)

    assert CheckRun.objects.get().state == States.DONE
