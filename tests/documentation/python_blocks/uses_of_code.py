"""Classes and calls of the pages: resource types, admin, tests, views, imports."""

from __future__ import annotations

import unittest
from datetime import timedelta
from types import SimpleNamespace

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection as database
from django.db import transaction
from django.test import RequestFactory
from django.urls import include, path
from django.utils import timezone

from django_scim_provider import urls as scim
from django_scim_provider.checks import check_settings
from django_scim_provider.models import LinkedAccount, SCIMToken, WebhookEndpoint
from django_scim_provider.registry import get_registry
from django_scim_provider.rest.routers import resource_routes
from django_scim_provider.testing import client_of
from tests.documentation.python_blocks.life import person
from tests.documentation.python_blocks.project import URLS, Project
from tests.documentation.python_blocks.uses import use
from tests.people import make_user


@use("how-to/audit-changes", "events")
def events_of_the_account(project: Project) -> None:
    assert [event.action for event in project.value] == ["create"]


@use("how-to/declare-a-resource-type", "Device")
def table_is_made(project: Project) -> None:
    editor = database.schema_editor()  # not entered: SQLite's cannot be in a transaction
    editor.deferred_sql = []
    sql, values = editor.table_sql(project.names["Device"])
    with database.cursor() as cursor:
        cursor.execute(sql, values or None)


@use("how-to/declare-a-resource-type", "SCIM_PROVIDER")
def devices_are_served(project: Project) -> None:
    project.configure(**project.names["SCIM_PROVIDER"])
    assert not check_settings()
    routes = [*resource_routes(get_registry()), *scim.urlpatterns]  # as they would be after a start
    project.monkeypatch.setattr(scim, "urlpatterns", routes)
    project.names["urlpatterns"] = [path("scim/v2/", include(scim))]
    project.settings.ROOT_URLCONF = URLS
    client = client_of(project.connection)  # with a token that has their scopes
    id = client.post("/Devices", {"serialNumber": "A-1", "assigned": True}).id
    assert client.get(f"/Devices/{id}").json["assigned"] is True
    assert client.post("/Devices", {"serialNumber": "A-1"}).status == 409
    assert client.get('/Devices?filter=serialNumber eq "A-1"').total == 1
    assert project.names["Device"].objects.get().serial_number == "A-1"


@use("how-to/declare-a-resource-type", "DeviceViewSet")
def devices_are_not_changed_during_the_stocktaking(project: Project) -> None:
    project.configure(RESOURCE_TYPES=["inventory.scim.DEVICES"])
    project.settings.ROOT_URLCONF = URLS
    project.names["localtime"] = lambda: SimpleNamespace(hour=9)
    client = client_of(project.connection)
    refused = client.post("/Devices", {"serialNumber": "A-2"})
    assert (refused.status, refused.detail) == (
        403,
        "Devices cannot be changed during the stocktaking.",
    )
    assert client.get("/devices").total == 1
    project.names["localtime"] = lambda: SimpleNamespace(hour=12)
    assert client.get("/devices").status == 429


@use("how-to/receive-webhooks", "endpoint")
def endpoint_is_stored(project: Project) -> None:
    assert WebhookEndpoint.objects.get() == project.names["endpoint"]
    assert project.names["secret"].startswith("whsec_")


@use("how-to/rotate-a-token", "row")
def both_tokens_are_open_for_a_while(project: Project) -> None:
    ends = SCIMToken.objects.exclude(pk=project.names["row"].pk).get().expires_at
    assert timedelta(0) < ends - timezone.now() <= timedelta(hours=2)
    assert project.client.get("/Users").status == 200


@use("reference/models", "stored")
def id_of_before_is_kept(project: Project) -> None:
    assert (project.names["stored"].id, project.names["made"]) == ("1", True)
    assert project.client.get("/Users/1").json["userName"] == "ann"


@use("how-to/import-people-from-csv", "report")
def everybody_would_be_imported(project: Project) -> None:
    report = project.names["report"]
    assert (dict(report.counts), dict(report.reasons)) == ({("User", "imported"): 1}, {})
    assert dict(project.value.counts) == {("Group", "imported"): 1}


@use("how-to/log-in", "view")
def person_is_logged_in_or_refused(project: Project) -> None:
    view = project.names["view"]
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), AnonymousUser()
    project.have_templates({"refused.html": "{{ message }}"})
    refused = view(request, "00u-ann")
    assert (refused.status_code, bool(refused.content)) == (403, True)
    project.client.request("POST", "/Users", person("ann"))
    view(request, "00u-ann")
    assert request.user == project.user("ann")


@use("how-to/show-the-timeline-of-a-user", "MyUserAdmin")
def page_of_a_user_has_the_timeline(project: Project) -> None:
    project.client.request("POST", "/Users", person("ann"))
    project.names["urlpatterns"] = [
        path("scim/v2/", include("django_scim_provider.urls")),
        path("scim/", include("django_scim_provider.management_urls")),
        path("admin/", admin.site.urls),
    ]
    project.settings.ROOT_URLCONF = URLS
    page = project.fixture("root").get(f"/admin/auth/user/{project.user('ann').pk}/change/")
    assert page.status_code == 200, page.status_code
    assert LinkedAccount.objects.get().scim_id in page.content.decode()


@use("how-to/test-your-project", "test_people_get_their_badge")
def tests_of_the_page_pass(project: Project) -> None:
    badge = property(lambda user: SimpleNamespace(kind="medical") if user.is_active else None)
    model = type(make_user("somebody"))
    project.monkeypatch.setattr(model, "badge", badge, raising=False)
    names, connection = project.names, project.connection
    tests = (
        ("test_people_get_their_badge", (connection, project.client)),
        ("test_one_badge_each", (project.client,)),
        ("test_okta_takes_the_badge_away", (connection, project.fixture("fake_idp"))),
    )
    for name, fixtures in tests:
        with transaction.atomic():
            names[name](*fixtures)
            transaction.set_rollback(True)


@use("how-to/test-your-project", "ProvisioningTests")
def test_case_of_the_page_passes(project: Project) -> None:
    project.connection.delete()
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(project.names["ProvisioningTests"]).run(result)
    assert (result.testsRun, result.errors, result.failures) == (1, [], [])
