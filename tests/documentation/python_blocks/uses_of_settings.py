"""Settings of the pages that serve otherwise than by a check and one person's life."""

from __future__ import annotations

import io
import logging
import logging.config
from importlib import import_module

import pytest
from allauth.socialaccount.adapter import get_adapter
from django.contrib import auth
from django.test import Client

from django_scim_provider.checks import check_settings
from django_scim_provider.tokens.wire import WireToken
from tests.documentation.python_blocks.life import live
from tests.documentation.python_blocks.project import Project
from tests.documentation.python_blocks.user_of_a_page import mapped_user
from tests.documentation.python_blocks.uses import use
from tests.people import connect
from tests.scim_client import SCIMTestClient


@use("README", "INSTALLED_APPS")
@use("installation", "INSTALLED_APPS")
def apps_are_there(project: Project) -> None:
    found = project.names["INSTALLED_APPS"]
    assert "django_scim_provider" in found
    assert all(import_module(name) for name in found)


@use("how-to/declare-a-profile", "SCIM_PROVIDER")
def connection_has_the_profile(project: Project) -> None:
    found = project.names["SCIM_PROVIDER"]
    project.configure(**found)
    assert not check_settings()
    if "PROFILES" in found:
        live(connect("another", profile="acme"))
    else:
        entry = found["DEFAULT_SCIM"][0]
        live(SCIMTestClient(WireToken(entry["scim_token"], entry["provider_id"]).encode()))


@use("how-to/map-attributes", "SCIM_PROVIDER")
def map_fits_a_user_model_that_has_these_fields(project: Project) -> None:
    project.names["language_of"] = str
    project.configure(**project.names["SCIM_PROVIDER"])
    assert check_settings(), "the users of the suite have none of the fields"
    project.configure(**project.names["SCIM_PROVIDER"])  # what was found is forgotten
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth, "get_user_model", mapped_user)
        said = check_settings()
    assert not said, said


@use("how-to/observe", "LOGGING")
def lines_have_the_request_and_the_connection(project: Project) -> None:
    root, printed = logging.getLogger(), io.StringIO()
    before = (root.level, list(root.handlers))
    project.monkeypatch.setattr("sys.stderr", printed)
    try:
        logging.config.dictConfig(project.names["LOGGING"])
        live(project.client)
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    lines = printed.getvalue().splitlines()
    assert any(" acme] " in line and "SCIM users.patch /Users/" in line for line in lines)


@use("how-to/give-organizations-their-own-pages", "SCIM_PROVIDER")
def pages_stand_in_the_template(project: Project) -> None:
    project.have_templates({"shop/base.html": "OURS"})
    project.configure(**project.names["SCIM_PROVIDER"])
    assert not check_settings()
    browser: Client = project.fixture("root")
    page = browser.get("/directory/")
    assert page.content == b"OURS"
    assert "font-src 'self' https://fonts.example" in page["Content-Security-Policy"]


@use("how-to/log-in", "SOCIALACCOUNT_PROVIDERS")
def provider_is_an_app_of_allauth(project: Project) -> None:
    project.settings.SOCIALACCOUNT_PROVIDERS = project.names["SOCIALACCOUNT_PROVIDERS"]
    found = get_adapter().list_apps(None, provider="okta-acme")
    assert [each.client_id for each in found] == ["..."]
