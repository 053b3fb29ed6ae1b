"""What each answer tells browsers, and the frame that the pages stand in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from django_scim_provider.models import SCIMToken
from tests.portal.conftest import Directory, address, new_key
from tests.scim_client import GROUP

pytestmark = pytest.mark.django_db

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def answers(directory: Directory) -> dict[str, Any]:
    """Return one answer of each kind."""
    token = SCIMToken.objects.get()
    names = ("set-up", "people", "groups", "failures", "requests", "tokens", "settings", "close")
    return {
        **{name: directory.page(name) for name in names},
        "list": directory.client.get(address("connections")),
        "choice": directory.client.get(address("choose")),
        "form": directory.client.get(address("connect", "okta")),
        "new token": directory.post("new-token", key=new_key(), overlap="24"),
        "wrong form": directory.post("new-token", key=new_key(), overlap="x"),
        "revoke": directory.page("revoke-token", token.pk),
        "redirect": directory.post("settings", action="rename", name="Other"),
        "not found": directory.client.get(address("people", new_key())),
        "log-in": Client().get(address("connections")),
        "wrong method": directory.client.put(address("connections")),
    }


def test_each_answer_keeps_out_frames_caches_and_foreign_sources(directory: Directory) -> None:
    for name, answer in answers(directory).items():
        told = answer.headers
        assert told["Content-Security-Policy"] == POLICY, name
        assert told["X-Frame-Options"] == "DENY", name
        assert told["Referrer-Policy"] == "same-origin", name
        assert told["Cache-Control"] == "no-store, private", name
        assert "Cookie" in told["Vary"], name


def test_pages_do_without_what_the_policy_forbids(directory: Directory) -> None:
    for name, answer in answers(directory).items():
        shown = answer.content.decode()
        assert " style=" not in shown, name
        assert "<style" not in shown, name
        assert " onclick" not in shown, name
        assert shown.count("<script") == shown.count('<script src="'), name
        assert "javascript:" not in shown, name


def test_style_sheets_of_another_server_are_allowed(directory: Directory, settings: Any) -> None:
    settings.STATIC_URL = "https://static.example/files/"

    policy = directory.page("people").headers["Content-Security-Policy"]

    assert "style-src 'self' https://static.example;" in policy
    assert "connect-src 'self';" in policy


def test_policy_of_the_project_still_forbids_frames(
    directory: Directory, scim_settings: Any
) -> None:
    scim_settings(
        PORTAL_CONTENT_SECURITY_POLICY="default-src 'self'; frame-ancestors https://evil.example;"
    )

    policy = directory.page("people").headers["Content-Security-Policy"]

    assert policy == "default-src 'self'; frame-ancestors 'none'"


def test_pages_stand_in_the_base_template_of_the_project(
    directory: Directory, scim_settings: Any, settings: Any
) -> None:
    base = (
        "<title>{% block title %}{% endblock %} at Shop</title>{% block extra_head %}{% endblock %}"
        "<header>Shop</header>{% block content %}{% endblock %}"
    )
    loaders = [
        ("django.template.loaders.locmem.Loader", {"shop/base.html": base}),
        "django.template.loaders.app_directories.Loader",
    ]
    (engine,) = settings.TEMPLATES
    options = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": options}]
    scim_settings(PORTAL_BASE_TEMPLATE="shop/base.html")

    shown = directory.page("people").content.decode()

    assert "<header>Shop</header>" in shown
    assert "<title>People · Okta of Corp at Shop</title>" in shown
    assert "django_scim_provider/portal.css" in shown
    assert "User name begins with" in shown


def test_each_page_has_one_heading_and_a_language(directory: Directory) -> None:
    for name, answer in answers(directory).items():
        shown = answer.content.decode()
        if answer.status_code in (200, 400, 404):
            assert shown.count("<h1") == 1, name
            assert '<html lang="en' in shown, name


def test_what_is_sent_is_shown_as_text(directory: Directory) -> None:
    directory.scim.create_user("<script>alert(1)</script>", displayName="<b>bold</b>")
    directory.scim.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "<i>x</i>"})
    directory.post("settings", action="rename", name="<u>name</u>")

    for name in ("people", "groups", "requests", "settings", "close", "set-up"):
        shown = directory.page(name, q="<").content.decode()
        for tag in ("<script>alert", "<b>bold", "<i>x", "<u>name"):
            assert tag not in shown, name
