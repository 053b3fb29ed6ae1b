"""Each page, form and action of the admin, for staff with each permission.

What opens what stands in ``permission_table``: each permission is tried alone on all, and each
line with just what it needs, and with all permissions but one of these.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from django_scim_provider.models import Failure
from django_scim_provider.models.moments import utc_now
from tests.administration import logged_in, staff
from tests.console.permission_table import ACTIONS, FORMS, NOBODY, PAGES, READ_ONLY
from tests.test_admin_permissions import World, make_world

pytestmark = pytest.mark.django_db
NEEDS = [
    *(page.needs for page in PAGES.values()),
    *(form.needs for form in FORMS.values()),
    *ACTIONS.values(),
]
NAMED = {name.strip("=") for needs in NEEDS for each in needs for name in each.split("|")}
NAMED -= {NOBODY}
PERMISSIONS = sorted(NAMED | {each.replace("view_", "change_") for each in NAMED})
REFUSED = {403, 404}
DJANGOS = ("changelist", "add", "change", "delete", "history")


def world() -> World:
    """Return one row of each kind."""
    made = make_world("acme")
    now = utc_now()
    Failure.objects.create(
        provider=made.connection, subject="s", kind="k", status=409, first_at=now, last_at=now
    )
    return made


def registered() -> dict[str, Any]:
    """Return the admins of the app by the names of their models."""
    return {
        model._meta.model_name or "": model_admin
        for model, model_admin in admin.site._registry.items()
        if model._meta.app_label == "scim_provider"
    }


def is_due(needs: tuple[str, ...], held: Iterable[str]) -> bool:
    """Tell whether permissions open what needs so much; Django lets who may change view as well."""
    own = set(held)
    known = own | {f"={each}" for each in own}
    known |= {each.replace("change_", "view_") for each in own if each.startswith("change_")}
    return all(known & set(each.split("|")) for each in needs)


def browser(permissions: Iterable[str]) -> Client:
    """Return the browser of staff who have what the mapping gives, so that they may change it."""
    user = staff("eve", *permissions)
    user.groups.set(Group.objects.all())
    return logged_in(user)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Let thousands of refusals not be logged with their tracebacks."""
    logger = logging.getLogger("django.request")
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(logging.NOTSET)


def is_open(client: Client, made: World, name: str) -> bool:
    page = PAGES[name]
    address = reverse(f"admin:scim_provider_{name}", args=page.row(made))
    answer = client.get(address, page.query)
    assert answer.status_code in REFUSED | {page.opens}, (name, answer.status_code)
    return answer.status_code == page.opens


def is_taken(client: Client, made: World, name: str) -> bool:
    """Tell whether a form is taken; what it does is undone."""
    form = FORMS[name]
    address = reverse(f"admin:scim_provider_{form.page}", args=PAGES[form.page].row(made))
    with transaction.atomic():
        answer = client.post(address, form.answers(made))
        transaction.set_rollback(True)
    assert answer.status_code in REFUSED | {200, 302}, (name, answer.status_code)
    return answer.status_code not in (REFUSED - {404} if form.finds_nothing else REFUSED)


def is_let_in(client: Client, made: World, line: str) -> bool:
    """Tell whether a page opens, or a form is taken, by the name of its line."""
    name = line.removeprefix("form: ")
    return is_open(client, made, name) if name == line else is_taken(client, made, name)


LINES: dict[str, tuple[str, ...]] = {
    **{name: page.needs for name, page in PAGES.items()},
    **{f"form: {name}": form.needs for name, form in FORMS.items()},
}


def test_each_page_of_the_admin_has_a_line() -> None:
    routes = {
        route.name.removeprefix("scim_provider_")
        for model_admin in registered().values()
        for route in model_admin.get_urls()
        if route.name
    }

    assert routes == PAGES.keys()


def test_each_page_of_our_own_has_a_form_or_changes_nothing() -> None:
    own = {name for name in PAGES if name.partition("_")[2] not in DJANGOS}

    assert own == READ_ONLY | ({form.page for form in FORMS.values()} & own)


def test_each_action_of_a_list_has_a_line() -> None:
    request = RequestFactory().get("/")
    request.user = staff("root", is_superuser=True)

    assert offered(request) == ACTIONS.keys()


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_permission_alone_opens_what_the_table_says(permission: str) -> None:
    made = world()
    client = browser([permission])

    found = {line for line in LINES if is_let_in(client, made, line)}

    assert found == {line for line, needs in LINES.items() if is_due(needs, [permission])}


@pytest.mark.parametrize("line", [line for line, needs in LINES.items() if NOBODY not in needs])
def test_line_opens_with_what_it_needs_and_not_without_any_of_it(line: str) -> None:
    made, needs = world(), {each.split("|")[0].strip("=") for each in LINES[line]}
    client = browser(needs)

    assert is_let_in(client, made, line)
    for missing in needs:
        lacking = set(PERMISSIONS) - {missing}
        if not is_due(LINES[line], lacking):
            eve = get_user_model()._default_manager.get(username="eve")
            eve.user_permissions.set(Permission.objects.filter(codename__in=lacking))
            assert not is_let_in(client, made, line), missing


def test_permissions_that_no_line_names_open_nothing() -> None:
    rows = Permission.objects.filter(content_type__app_label="scim_provider")
    others = set(rows.values_list("codename", flat=True)) - set(PERMISSIONS)
    made = world()
    client = browser(others)

    assert not [line for line in LINES if is_let_in(client, made, line)]


def test_superusers_open_all_but_what_nobody_does(root: Client) -> None:
    made = world()

    found = {line for line in LINES if is_let_in(root, made, line)}

    assert found == {line for line, needs in LINES.items() if NOBODY not in needs}


@pytest.mark.parametrize("kind", ["nobody", "customer"])
def test_all_pages_are_for_staff(kind: str) -> None:
    made = world()
    client = Client()
    if kind == "customer":
        user = staff("bob", *PERMISSIONS)
        user.is_staff = False
        user.save()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    for name, page in PAGES.items():
        answer = client.get(reverse(f"admin:scim_provider_{name}", args=page.row(made)))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/admin/login/"), name


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_actions_are_offered_by_their_permissions(permission: str) -> None:
    request = RequestFactory().get("/")
    for held in ([permission], [each for each in PERMISSIONS if each != permission]):
        request.user = staff(f"eve{len(held)}", *held)

        assert offered(request) == {name for name, needs in ACTIONS.items() if is_due(needs, held)}


def offered(request: HttpRequest) -> set[str]:
    """Return the actions of all lists, with the names of the models."""
    return {
        f"{model} {action}"
        for model, model_admin in registered().items()
        for action in model_admin.get_actions(request)
    }
