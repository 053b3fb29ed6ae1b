"""What stands between the server and our views: routes, middleware, limits of Django's own."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse
from django.utils.module_loading import import_string

from django_scim_provider.checks.entries import warning
from django_scim_provider.conf import Settings, raw_settings
from django_scim_provider.connections.base_url import is_own_namespace, is_own_view

_PROBES = {
    "scim": ("root", ("", "ServiceProviderConfig", "Users", "Users/1")),
    "scim-management": ("list-provider-connections", ("",)),
}
"""By the names of our apps: a route, and paths below it that must lead to our views."""
_TAKES = {"read", "readline", "readlines"}
_REQUESTS = {"request", "req"}
"""What middleware calls the request."""
_RAISE = "Set it to at least {} (bytes), or let that middleware leave SCIM alone."


def check_routes(**_: Any) -> list[CheckMessage]:
    """Warn of routes of the project that come before ours and take their requests."""
    if not getattr(django_settings, "ROOT_URLCONF", None):
        return []
    resolver = get_resolver()
    return [
        message
        for app, (name, below) in _PROBES.items()
        for namespace in resolver.app_dict.get(app, ())
        if is_own_namespace(resolver, namespace)
        for message in _taken(f"{namespace}:{name}", below)
    ]


def _taken(name: str, below: tuple[str, ...]) -> Iterator[CheckMessage]:
    try:
        root = reverse(name)
    except NoReverseMatch:
        return  # below a prefix that differs from request to request
    for path in (f"{root}{each}" for each in below):
        try:
            match = resolve(path)
        except Resolver404:
            continue
        if not is_own_view(match.func):
            yield warning(
                "W015",
                f"Requests to {path} do not reach us: the URL pattern {match.route!r} takes them.",
                "Put the include of our URLs above it.",
            )
            return


def check_middleware(**_: Any) -> list[CheckMessage]:
    """Warn of middleware that reads bodies as its source shows, where that does harm."""
    messages: list[CheckMessage] = []
    most, limit = _largest_body(), _django_limit()
    for path, read in _readers():
        if "body" in read and limit is not None and limit < most:
            message = (
                f"The middleware {path} reads request.body, so that Django refuses SCIM requests "
                f"above DATA_UPLOAD_MAX_MEMORY_SIZE ({limit} bytes), in HTML; ours is {most}."
            )
            messages.append(warning("W016", message, _RAISE.format(most)))
        if read & _TAKES:
            message = (
                f"The middleware {path} takes bodies out of the stream of the request: what comes "
                "after it finds none."
            )
            messages.append(warning("W017", message, "Let it use request.body, which keeps them."))
    return messages


def check_serving(**_: Any) -> list[CheckMessage]:
    """Warn, under ``--deploy``, of what is wrong where bodies are read first, and under ASGI."""
    messages: list[CheckMessage] = []
    most, limit = _largest_body(), _django_limit()
    project: Any = django_settings
    is_set = project.is_overridden("DATA_UPLOAD_MAX_MEMORY_SIZE")
    is_told = any(message.id == "scim_provider.W016" for message in check_middleware())
    if is_set and limit is not None and limit < most and not is_told:
        message = (
            f"DATA_UPLOAD_MAX_MEMORY_SIZE ({limit} bytes) is below what SCIM takes ({most}): once "
            "a middleware reads request.body, Django refuses what is larger, in HTML."
        )
        messages.append(warning("W016", message, _RAISE.format(most)))
    lasting = [
        alias
        for alias, database in django_settings.DATABASES.items()
        if database.get("CONN_MAX_AGE", 0) != 0
    ]
    if getattr(django_settings, "ASGI_APPLICATION", None) and lasting:
        message = (
            "Under ASGI each request has a thread of its own, and those of the project leave a "
            f"persistent connection behind in it (CONN_MAX_AGE of {', '.join(lasting)}): the "
            "server runs out of places, and requests fail, SCIM's among them."
        )
        hint = "Set CONN_MAX_AGE to 0 under ASGI, and use a pool."
        messages.append(warning("W018", message, hint))
    return messages


def _django_limit() -> int | None:
    """Return how many bytes ``HttpRequest.body`` may have; None: as many as there are."""
    return django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _largest_body() -> int:
    found, default = raw_settings(), Settings()
    names = ("MAX_BODY_BYTES", "BULK_MAX_PAYLOAD_SIZE")
    sizes = [found.get(name, getattr(default, name)) for name in names]
    return max((size for size in sizes if isinstance(size, int)), default=0)


def _readers() -> Iterator[tuple[str, set[str]]]:
    """Yield the middleware of the project and its packages, with what it does with bodies."""
    for path in django_settings.MIDDLEWARE:
        if not path.startswith("django."):
            read = _read_by(path)
            if read:
                yield path, read


def _read_by(path: str) -> set[str]:
    """Return the names that the source of a middleware looks up on the request, of those known."""
    try:
        made_from: Any = import_string(path)
        sources = made_from.__mro__ if isinstance(made_from, type) else (made_from,)
        trees = [
            ast.parse(textwrap.dedent(inspect.getsource(each)))
            for each in sources
            if str(each.__module__).partition(".")[0] not in {"builtins", "django"}
        ]
    except (ImportError, OSError, SyntaxError, TypeError):
        return set()  # compiled, or not there, which Django says itself
    names = {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in _REQUESTS
    }
    return names & (_TAKES | {"body"})
