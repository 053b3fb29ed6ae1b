"""Who sees and does what: each page and each form, for each kind of person."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisionedGroup,
    ProvisioningEvent,
    SCIMToken,
    WebhookEndpoint,
)
from tests.administration import logged_in
from tests.factories import make_token
from tests.people import connect, make_organization, make_user, post
from tests.portal.conftest import Directory, address, new_key, text_of
from tests.scim_client import GROUP
from tests.tenancy.models import Membership

pytestmark = pytest.mark.django_db

PAGES = (
    "set-up",
    "people",
    "person",
    "groups",
    "group",
    "failures",
    "requests",
    "tokens",
    "new-token",
    "revoke-token",
    "webhooks",
    "new-webhook",
    "privacy",
    "settings",
    "close",
)
FORMS: dict[str, tuple[str, dict[str, str]]] = {
    "token": ("new-token", {"key": "", "label": "x", "overlap": "24"}),
    "revoke": ("revoke-token", {}),
    "rename": ("settings", {"action": "rename", "name": "Another"}),
    "disable": ("settings", {"action": "disable"}),
    "close": ("close", {"provider_id": "okta-corp"}),
    "webhook": ("new-webhook", {"key": "", "address": "https://localhost/", "kinds": "x"}),
    "webhooks": ("webhooks", {"action": "test"}),
}
REFUSED = {
    "stranger": 404,
    "staff": 404,
    "superuser": 404,
    "admin of another organization": 404,
    "member who left": 404,
    "owner who is suspended": 404,
    "member without the role": 403,
    "nobody": 302,
    "owner who is deactivated": 302,
}
"""What is answered to each kind of person."""


def person(kind: str) -> Client:
    """Return the browser of somebody of that kind."""
    if kind == "nobody":
        return Client()
    if kind == "staff":
        user = make_user("sam@x.example", is_staff=True)
        user.user_permissions.set(Permission.objects.all())
        return logged_in(user)
    if kind == "superuser":
        return logged_in(make_user("root@x.example", is_superuser=True, is_staff=True))
    user = make_user("pat@x.example")
    role = "member" if kind == "member without the role" else "owner"
    if kind == "admin of another organization":
        make_organization("other", **{"pat@x.example": "admin"})
    elif kind != "stranger":
        make_organization("corp", **{"pat@x.example": role})
    client = logged_in(user)
    if kind == "member who left":
        Membership.objects.filter(user=user).delete()
    if kind == "owner who is suspended":
        Membership.objects.filter(user=user).update(is_active=False)
    if kind == "owner who is deactivated":
        get_user_model().objects.filter(pk=user.pk).update(is_active=False)
    return client


def arguments(directory: Directory, name: str) -> list[Any]:
    own = [directory.connection.pk]
    if name == "person":
        return [*own, LinkedAccount.objects.get().pk]
    if name == "group":
        return [*own, ProvisionedGroup.objects.get(display_name="Staff").pk]
    if name == "revoke-token":
        return [*own, SCIMToken.objects.get(provider__provider_id="okta-corp").pk]
    return own


def held() -> list[Any]:
    """Return all that the forms could change."""
    models = (ProviderConnection, SCIMToken, LinkedAccount, WebhookEndpoint)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def provisioned(directory: Directory) -> Directory:
    post(directory.scim, "ann@corp.example")
    directory.scim.request("POST", "/Groups", {"schemas": [GROUP], "displayName": "Staff"})
    return directory


@pytest.mark.parametrize("kind", REFUSED)
def test_pages_are_refused(provisioned: Directory, kind: str) -> None:
    client = person(kind)

    answers = {name: client.get(address(name, *arguments(provisioned, name))) for name in PAGES}

    assert {name: each.status_code for name, each in answers.items()} == dict.fromkeys(
        PAGES, REFUSED[kind]
    )
    for each in answers.values():
        assert "ann@corp.example" not in each.content.decode()
        assert "Okta of Corp" not in each.content.decode()


@pytest.mark.parametrize("kind", REFUSED)
def test_forms_are_refused_and_change_nothing(provisioned: Directory, kind: str) -> None:
    client, before = person(kind), held()

    statuses = {}
    for name, (page, answers) in FORMS.items():
        sent = {**answers, **({"key": new_key()} if "key" in answers else {})}
        where = address(page, *arguments(provisioned, page))
        statuses[name] = client.post(where, sent).status_code

    assert statuses == dict.fromkeys(FORMS, REFUSED[kind])
    assert held() == before


@pytest.mark.parametrize("kind", REFUSED)
def test_connection_is_in_nobody_elses_list(provisioned: Directory, kind: str) -> None:
    listed = person(kind).get(address("connections"))

    assert listed.status_code == (302 if REFUSED[kind] == 302 else 200)
    assert "Okta of Corp" not in listed.content.decode()


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_pages_are_there_for_those_with_the_role(provisioned: Directory, role: str) -> None:
    make_organization("corp", **{"pat@x.example": role})
    client = logged_in(get_user_model().objects.get(username="pat@x.example"))

    statuses = {
        name: client.get(address(name, *arguments(provisioned, name))).status_code for name in PAGES
    }

    assert statuses == dict.fromkeys(PAGES, 200)
    assert "Okta of Corp" in text_of(client.get(address("connections")))


def test_role_is_asked_in_each_request(provisioned: Directory) -> None:
    before = provisioned.page("people").status_code
    Membership.objects.filter(user=provisioned.owner).update(role="member")
    demoted = provisioned.page("people").status_code
    Membership.objects.filter(user=provisioned.owner).delete()

    assert (before, demoted, provisioned.page("people").status_code) == (200, 403, 404)


def test_required_role_of_the_project_holds(provisioned: Directory, scim_settings: Any) -> None:
    scim_settings(REQUIRED_ROLE=["admin"])

    assert provisioned.page("people").status_code == 403


def test_owner_of_a_personal_connection_manages_it_alone(db: None) -> None:
    ann = make_user("ann@x.example")
    connect("mine", owner=ann)
    connection = ProviderConnection.objects.get()

    own = logged_in(ann).get(address("settings", connection.pk))
    other = logged_in(make_user("bob@x.example")).get(address("settings", connection.pk))

    assert (own.status_code, other.status_code) == (200, 404)


def test_connection_that_does_not_exist_is_refused_like_a_foreign_one(
    provisioned: Directory,
) -> None:
    make_token(provider_id="foreign")
    foreign = ProviderConnection.objects.get(provider_id="foreign")

    answers = [provisioned.client.get(address("people", key)) for key in (foreign.pk, new_key())]

    assert {answer.status_code for answer in answers} == {404}
    assert text_of(answers[0]) == text_of(answers[1])


def test_people_and_tokens_of_another_connection_are_not_found(provisioned: Directory) -> None:
    other = connect("other", "corp")
    post(other, "eve@corp.example")
    account = LinkedAccount.objects.get(provider__provider_id="other")
    token = SCIMToken.objects.get(provider__provider_id="other")

    person_page = provisioned.page("person", account.pk)
    revoke = provisioned.post("revoke-token", token.pk)

    assert (person_page.status_code, revoke.status_code) == (404, 404)
    assert SCIMToken.objects.get(pk=token.pk).revoked_at is None


def test_people_of_other_connections_are_not_in_the_lists(provisioned: Directory) -> None:
    post(connect("foreign"), "eve@x.example")

    pages = [provisioned.page(name) for name in ("people", "requests", "failures", "groups")]

    assert all("eve@x.example" not in page.content.decode() for page in pages)


def test_log_in_leads_back(provisioned: Directory) -> None:
    where = address("people", provisioned.connection.pk)

    answer = Client().get(where, {"q": "a"})

    assert answer["Location"] == f"/accounts/login/?next={where}%3Fq%3Da"


def test_reserved_connection_can_be_looked_at_and_not_managed(
    provisioned: Directory, scim_settings: Any
) -> None:
    scim_settings(RESERVED_PROVIDER_IDS=["okta-corp"])
    before = held()

    looked = {name: provisioned.page(name).status_code for name in ("set-up", "people", "tokens")}
    told = text_of(provisioned.page("settings"))
    statuses = {}
    for name, (page, answers) in FORMS.items():
        where = address(page, *arguments(provisioned, page))
        statuses[name] = provisioned.client.post(where, {**answers, "key": new_key()}).status_code

    assert set(looked.values()) == {200}
    assert "The operator of this site manages this connection." in told
    assert set(statuses.values()) == {403}
    assert held() == before


def test_forms_need_their_csrf_token(provisioned: Directory) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(provisioned.owner, backend="django.contrib.auth.backends.ModelBackend")
    before = held()

    statuses = {
        client.post(address(page, *arguments(provisioned, page)), answers).status_code
        for page, answers in FORMS.values()
    }
    statuses.add(client.post(address("connect", "okta"), {"name": "x"}).status_code)
    statuses.add(client.post(address("log-in-again")).status_code)

    assert statuses == {403}
    assert held() == before


def test_csrf_holds_where_the_project_has_no_middleware_for_it(
    provisioned: Directory, settings: Any
) -> None:
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "csrf" not in each.lower()]
    client = Client(enforce_csrf_checks=True)
    client.force_login(provisioned.owner, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(address("settings", provisioned.connection.pk), {"action": "disable"})

    assert answer.status_code == 403
    assert ProviderConnection.objects.get(pk=provisioned.connection.pk).enabled


def test_nothing_that_is_for_staff_is_told(provisioned: Directory) -> None:
    staff = make_user("operator@host.example", first_name="Otto", is_staff=True)
    ProvisioningEvent.objects.filter(provider__provider_id="okta-corp").update(actor=staff)
    SCIMToken.objects.update(created_by=staff)
    pages = [
        provisioned.page(name) for name in PAGES if name not in ("person", "group", "revoke-token")
    ]

    for page in pages:
        shown = page.content.decode()
        assert "operator@host.example" not in shown
        assert "Otto" not in shown
        assert "/admin/" not in shown
        assert "SCIM_PROVIDER" not in shown
