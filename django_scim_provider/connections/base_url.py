"""The address that identity providers are given, and where the project has our routes.

Another package may have an app of the name ``scim`` beside ours; then ours have another namespace.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_resolver, get_urlconf, reverse

from django_scim_provider.conf import get_settings

APP = "scim"
_PACKAGE = "django_scim_provider"


def scim_root(request: HttpRequest) -> str | None:
    """Return the address that identity providers are given.

    None where the project has no route to it under the app's own namespace.
    """
    configured = get_settings().BASE_URL
    if configured is not None:
        return configured.rstrip("/")
    try:
        return request.build_absolute_uri(root_path()).rstrip("/")
    except NoReverseMatch:
        return None


def scim_root_in_process(origin: str) -> str:
    """Return the address of the SCIM root as this process serves it, for what goes over no network.

    The host is that of the settings; without one, that of ``origin``, by which a page was asked
    for and which Django has held to ``ALLOWED_HOSTS``.
    """
    at = urlsplit(get_settings().BASE_URL or origin)
    try:
        path = root_path().rstrip("/")
    except NoReverseMatch:
        path = ""
    return f"{at.scheme}://{at.netloc}{path}"


def root_path() -> str:
    """Return the path of the SCIM root, with its slash.

    Raises:
        NoReverseMatch: the project has no route to it under the app's own name.
    """
    return reverse(f"{own_namespace()}:root")


def own_namespace() -> str:
    """Return the namespace that the project has given our routes."""
    resolver = get_resolver(get_urlconf())
    spaces = sorted(resolver.app_dict.get(APP, ()), key=lambda space: space != APP)
    return next((space for space in spaces if is_own_namespace(resolver, space)), APP)


def is_own_namespace(resolver: Any, namespace: str) -> bool:
    """Tell whether our routes, or the project's to our views, are what a namespace holds."""
    _prefix, held = resolver.namespace_dict[namespace]
    return any(is_own_view(getattr(route, "callback", None)) for route in held.url_patterns)


def is_own_view(view: Any) -> bool:
    """Tell whether a view is one of ours, or of a subclass that the project has a route to."""
    made_from = getattr(view, "view_class", None) or getattr(view, "cls", None)
    sources = made_from.__mro__ if isinstance(made_from, type) else (view,)
    return any(_is_own(each) for each in sources)


def _is_own(source: Any) -> bool:
    module = str(getattr(source, "__module__", ""))
    return module.partition(".")[0] == _PACKAGE
