"""Measures what each page of the console costs on a site that has been busy for a month.

Fills one database, and asks for each page of the admin and of the portal that can be read, through
Django's handler in this process: first after the process has begun, then some times more, of which
the least counts. The cost is CPU time of application and database together. Needs the extra
``test``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import use_example_project
from benchmarks.busy_site import LARGE, Size, fill
from benchmarks.yardstick.databases import KINDS, Databases, opened
from benchmarks.yardstick.folders import folder_of
from benchmarks.yardstick.processes import cpu_seconds

GOAL = 0.3
"""CPU seconds that a page may take."""
FILES = ("scim_provider_provisioningevent_export",)
"""Routes that answer with a row for each event, and are no pages."""


@dataclass(frozen=True)
class Figure:
    """What one page took."""

    name: str
    status: int
    first: float
    """CPU seconds of the first visit."""
    again: float
    statements: int
    size: int
    """Bytes of the answer."""


def main(arguments: Sequence[str]) -> None:
    """Parse the command line, fill, measure, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pages", description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="postgresql")
    parser.add_argument("--server", default="", help="URL of a server that is there already")
    parser.add_argument("--connections", type=int, default=5_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where a run leaves its database, and finds it")
    parser.add_argument("--again", type=int, default=3, help="visits after the first")
    found = parser.parse_args(arguments)
    size = Size(found.connections, found.people, found.events)
    with (
        folder_of(found.folder) as folder,
        opened(found.database, folder, found.server) as databases,
    ):
        filled = folder / f"pages-{found.database}"
        if not filled.exists():
            databases.make("pages")
        use_example_project(databases.url("pages"))
        _set_up()
        if not filled.exists():
            _fill(size)
            filled.touch()
        _show([_measured(databases, found.again, *page) for page in _pages()])


def _set_up() -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    call_command("migrate", verbosity=0)


def _fill(size: Size) -> None:
    from django.core.management import call_command
    from django.db import connection

    began = time.monotonic()
    fill(size)
    call_command("scim_index_users", verbosity=0)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
    print(f"filled in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def _pages() -> Iterator[tuple[str, Any, str]]:
    """Yield the name of each page, who asks for it, and its path."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    people: Any = get_user_model()._default_manager
    admin, owner = Client(), Client()
    admin.force_login(people.get(username="admin"))
    owner.force_login(people.get(username="owner"))
    for name, path in _admin_pages():
        yield name, admin, path
    for name, path in _portal_pages():
        yield name, owner, path


def _admin_pages() -> Iterator[tuple[str, str]]:
    from django.contrib import admin
    from django.urls import NoReverseMatch, reverse

    keys = _keys()
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label != "scim_provider":
            continue
        key = keys.get(model._meta.model_name or "")
        for route in model_admin.get_urls():
            if not route.name or route.name in FILES:
                continue
            for arguments in ([], [] if key is None else [key]):
                try:
                    path = reverse(f"admin:{route.name}", args=arguments)
                except NoReverseMatch:
                    continue
                yield route.name.removeprefix("scim_provider_"), path
                break
    events = reverse("admin:scim_provider_provisioningevent_changelist")
    for query in (
        "outcome__exact=refused",
        f"provider={LARGE}",
        "q=user7%40bench.example",
    ):
        yield f"events ?{query}", f"{events}?{query}"


def _keys() -> dict[str, Any]:
    """Return the key of a row of each model that has one, of the large connection if possible."""
    from django.apps import apps

    found = {}
    for model in apps.get_app_config("scim_provider").get_models():
        rows: Any = model._default_manager.all()
        if any(field.name == "provider" for field in model._meta.fields):
            own = rows.filter(provider=LARGE).order_by("pk").first()
            rows = rows.filter(pk=own.pk) if own is not None else rows
        elif model._meta.model_name == "providerconnection":
            rows = rows.filter(provider_id=LARGE)
        if (row := rows.order_by("pk").first()) is not None:
            found[model._meta.model_name or ""] = row.pk
    return found


def _portal_pages() -> Iterator[tuple[str, str]]:
    from django.urls import NoReverseMatch, reverse

    from django_scim_provider import portal_urls
    from django_scim_provider.models import ProviderConnection

    keys = _keys()
    values = {
        "key": ProviderConnection.objects.get(provider_id=LARGE).pk,
        "account": keys["linkedaccount"],
        "group": keys["provisionedgroup"],
        "failure": keys["failure"],
        "token": keys["scimtoken"],
        "profile": "okta",
        "do": "ignore",
    }
    for route in portal_urls.urlpatterns:
        names = route.pattern.converters
        try:
            path = reverse(
                f"scim-portal:{route.name}", kwargs={name: values[name] for name in names}
            )
        except NoReverseMatch:
            continue
        yield f"portal {route.name}", path


def _measured(databases: Databases, visits: int, name: str, client: Any, path: str) -> Figure:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> tuple[Any, float]:
        # The server's processes end with their sessions, so this one stays open.
        before = time.process_time() + cpu_seconds(databases.processes)
        answer = client.get(path)
        body = answer.getvalue() if answer.streaming else answer.content
        return (answer, len(body)), time.process_time() + cpu_seconds(databases.processes) - before

    (answer, size), first = cost()
    again = min(cost()[1] for _ in range(visits))
    with CaptureQueriesContext(connection) as statements:
        cost()
    return Figure(name, answer.status_code, first, again, len(statements), size)


def _show(figures: Sequence[Figure]) -> None:
    print(f"{'page':52}{'status':>7}{'first ms':>10}{'again ms':>10}{'statements':>12}{'KB':>8}")
    for each in sorted(figures, key=lambda figure: -max(figure.first, figure.again)):
        mark = " !" if max(each.first, each.again) > GOAL else ""
        print(
            f"{each.name:52}{each.status:>7}{each.first * 1e3:>10.0f}{each.again * 1e3:>10.0f}"
            f"{each.statements:>12}{each.size / 1e3:>8.0f}{mark}"
        )
