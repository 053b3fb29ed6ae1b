"""The routes of a project that logs people in by several packages."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from django_scim_provider.contrib.djangosaml2 import AssertionConsumerView
from django_scim_provider.contrib.mozilla_django_oidc import CallbackView
from tests.log_in.contract import whoami
from tests.urls import urlpatterns as of_the_suite

urlpatterns = [
    *of_the_suite,
    path("whoami/", whoami),
    path("out/", LogoutView.as_view(next_page="/whoami/")),
    # The package reads OIDC_CALLBACK_CLASS once, when its routes are imported.
    path("oidc/callback/", CallbackView.as_view(), name="oidc_authentication_callback"),
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("social/", include("social_django.urls")),
    path("saml2/acs/", AssertionConsumerView.as_view(), name="saml2_acs"),
    path("saml2/", include("djangosaml2.urls")),
]
