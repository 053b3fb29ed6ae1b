"""The timeline of a user in the project's own admin."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth import get_user_model
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from django_scim_provider.admin import UserTimelineInline
from django_scim_provider.models import (
    LinkedAccount,
    ProviderConnection,
    ProvisioningEvent,
)
from tests.administration import staff
from tests.people import host_user, post
from tests.scim_client import SCIMTestClient
from tests.timeline.pages_read import MAY, text_of

pytestmark = pytest.mark.django_db


class UserPages(ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """The project's own pages of users."""

    inlines = (UserTimelineInline,)
    fields: ClassVar[Any] = ("username",)
    readonly_fields: ClassVar[Any] = ("username",)


def user_page(reader: Any, user: Any) -> str:
    """Return the page of a user in an admin of the project's own that has the inline."""
    site = AdminSite()
    pages = UserPages(get_user_model(), site)
    request = RequestFactory().get("/")
    request.user = reader
    page: Any = pages.changeform_view(request, str(user.pk))
    return text_of(page.render())


def test_user_page_of_the_project_has_the_timeline(ann: LinkedAccount) -> None:
    model = get_user_model()
    meta = model._meta
    sees = f"view_{meta.model_name}"
    user = ann.user

    told = user_page(staff("seeing", *MAY, sees), user)
    blind = user_page(staff("blind", "view_linkedaccount", sees), user)

    assert "Provisioning timeline" in told
    assert "Reactivated" in told
    assert "Provisioning timeline" not in blind
    assert "Reactivated" not in blind


def test_user_page_of_others_connections_says_nothing(ann: LinkedAccount) -> None:
    ProviderConnection.objects.update(owner=staff("owner"))
    sees = f"view_{get_user_model()._meta.model_name}"

    told = user_page(staff("eve", *MAY, sees), ann.user)

    assert "No identity provider provisions this user." in told


def test_user_is_saved_beside_the_timeline(ann: LinkedAccount) -> None:
    class Editable(UserPages):
        """Pages on which something can be changed."""

        fields: ClassVar[Any] = ("first_name",)
        readonly_fields: ClassVar[Any] = ()

    page = user_page(get_user_model()._default_manager.create_superuser("c", "c@x", "x"), ann.user)
    assert "Reactivated" in page
    told = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0}
    data = {f"scim_accounts-{name}": value for name, value in told.items()}
    request = RequestFactory().post("/", {"first_name": "Ann", **data})
    request.user = get_user_model()._default_manager.get(username="c")
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # as Django's test client does
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]  # set by its middleware
    before = LinkedAccount.objects.values().get()

    answer = Editable(get_user_model(), admin.site).changeform_view(request, str(ann.user_id))

    assert answer.status_code == 302
    assert get_user_model()._default_manager.get(pk=ann.user_id).first_name == "Ann"
    assert LinkedAccount.objects.values().get() == before


def test_user_of_nobody(client: SCIMTestClient) -> None:
    root = get_user_model()._default_manager.create_superuser("chief", "c@x.example", "x")
    bob = post(client, "bob").json
    user = host_user(bob)
    ProvisioningEvent.objects.all().delete()
    assert "Nothing is recorded." in user_page(root, user)

    LinkedAccount.objects.all().delete()
    assert "No identity provider provisions this user." in user_page(root, user)
