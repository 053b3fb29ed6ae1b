"""The portal: ``path("directory/", include("django_scim_provider.portal_urls"))``."""

from __future__ import annotations

from django.urls import path

from django_scim_provider.portal.arrivals import PortalRequestsPage
from django_scim_provider.portal.connection_list import PortalListPage
from django_scim_provider.portal.inbox_pages import PortalFailuresPage, PortalMendPage
from django_scim_provider.portal.log_in_again import PortalLogInAgainPage
from django_scim_provider.portal.organization_pages.privacy_page import PortalPrivacyPage
from django_scim_provider.portal.organization_pages.webhook_pages import (
    PortalNewWebhookPage,
    PortalWebhooksPage,
)
from django_scim_provider.portal.people import (
    PortalGroupPage,
    PortalGroupsPage,
    PortalPeoplePage,
    PortalPersonPage,
)
from django_scim_provider.portal.set_up import PortalSetUpPage
from django_scim_provider.portal.settings_pages import PortalClosePage, PortalSettingsPage
from django_scim_provider.portal.token_pages import (
    PortalNewTokenPage,
    PortalRevokePage,
    PortalTokensPage,
)
from django_scim_provider.portal.wizard import PortalChoicePage, PortalConnectPage

app_name = "scim-portal"

urlpatterns = [
    path("", PortalListPage.as_view(), name="connections"),
    path("log-in-again/", PortalLogInAgainPage.as_view(), name="log-in-again"),
    path("connect/", PortalChoicePage.as_view(), name="choose"),
    path("connect/<slug:profile>/", PortalConnectPage.as_view(), name="connect"),
    path("<uuid:key>/", PortalSetUpPage.as_view(), name="set-up"),
    path("<uuid:key>/people/", PortalPeoplePage.as_view(), name="people"),
    path("<uuid:key>/people/<uuid:account>/", PortalPersonPage.as_view(), name="person"),
    path("<uuid:key>/groups/", PortalGroupsPage.as_view(), name="groups"),
    path("<uuid:key>/groups/<uuid:group>/", PortalGroupPage.as_view(), name="group"),
    path("<uuid:key>/failures/", PortalFailuresPage.as_view(), name="failures"),
    path("<uuid:key>/failures/<uuid:failure>/<slug:do>/", PortalMendPage.as_view(), name="mend"),
    path("<uuid:key>/requests/", PortalRequestsPage.as_view(), name="requests"),
    path("<uuid:key>/tokens/", PortalTokensPage.as_view(), name="tokens"),
    path("<uuid:key>/tokens/new/", PortalNewTokenPage.as_view(), name="new-token"),
    path("<uuid:key>/tokens/<uuid:token>/", PortalRevokePage.as_view(), name="revoke-token"),
    path("<uuid:key>/webhooks/", PortalWebhooksPage.as_view(), name="webhooks"),
    path("<uuid:key>/webhooks/new/", PortalNewWebhookPage.as_view(), name="new-webhook"),
    path("<uuid:key>/privacy/", PortalPrivacyPage.as_view(), name="privacy"),
    path("<uuid:key>/settings/", PortalSettingsPage.as_view(), name="settings"),
    path("<uuid:key>/close/", PortalClosePage.as_view(), name="close"),
]
