"""The routes: SCIM for identity providers; the portal, the API and the admin for people."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from example.log_ins import LOG_INS
from example.views import me

HAS_FAKE_IDP = bool(getattr(settings, "FAKE_IDP_ORIGIN", ""))
LOG_IN_PAGE = LoginView.as_view(
    template_name="example/log_in.html",
    extra_context={"log_ins": LOG_INS if HAS_FAKE_IDP else {}},
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("scim/v2/", include("django_scim_provider.urls")),
    path("scim/", include("django_scim_provider.management_urls")),
    path("directory/", include("django_scim_provider.portal_urls")),
    path("log-in/", LOG_IN_PAGE, name="log-in"),
    path("log-out/", LogoutView.as_view(next_page="log-in"), name="log-out"),
    path("me/", me, name="me"),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="scim-portal:connections")),
]
if HAS_FAKE_IDP:
    urlpatterns += [
        path("accounts/", include("allauth.urls")),
        path("fake-idp/", include("example.fake_idp")),
    ]
if apps.is_installed("drf_spectacular"):
    from drf_spectacular.views import SpectacularAPIView

    urlpatterns.append(path("api/schema/", SpectacularAPIView.as_view(), name="schema"))
