"""Functions and stores that settings name, and receivers of signals, where the app calls them."""

from __future__ import annotations

from types import SimpleNamespace
from unittest.mock import Mock

import jwt
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection as database

from django_scim_provider import api
from django_scim_provider.signals import scim_notice
from django_scim_provider.tokens.service import generate_scim_token
from tests.documentation.python_blocks.life import live, person
from tests.documentation.python_blocks.project import Project
from tests.documentation.python_blocks.uses import use
from tests.people import make_user, set_active
from tests.scim_client import SCIMTestClient


@use("how-to/extend", "customer")
def requests_are_inside(project: Project) -> None:
    if not _is_served(project):
        return
    project.configure(REQUEST_CONTEXT="shop.scim.customer")
    live(project.client)


def _is_served(project: Project) -> bool:
    """Tell whether the database has what the block asks of PostgreSQL; SQLite is given it."""
    if "connections" in project.names and database.vendor == "sqlite":
        database.connection.create_function("set_config", 3, lambda name, value, local: value)
    return "connections" not in project.names or database.vendor in ("postgresql", "sqlite")


@use("how-to/extend", "verifier")
def tokens_of_the_issuer_open_the_connection(project: Project) -> None:
    project.configure(TOKEN_VERIFIER="shop.scim.verifier")
    claims = {"sub": "acme", "scope": "scim.users.read", "aud": "scim", "exp": 4102444800}
    token = jwt.encode(claims, project.names["PRIVATE_KEY"], algorithm="RS256")
    answer = Mock(**{"json.return_value": {"active": True, **claims}})
    project.monkeypatch.setattr("requests.post", Mock(return_value=answer))

    issued = SCIMTestClient(token)
    assert issued.get("/Users").status == 200
    assert issued.request("POST", "/Users", person("ann")).status == 403

    answer.json.return_value = {"active": False}
    assert SCIMTestClient("another").get("/Users").status == 401
    if "INTROSPECTION" not in project.names["verifier"].__wrapped__.__code__.co_names:
        assert project.client.get("/Users").status == 200  # a token of the app's own


@use("how-to/extend", "SeatedUsers")
def nobody_comes_without_a_seat(project: Project) -> None:
    project.configure(USER_STORE="shop.scim.SeatedUsers")
    live(project.client)
    assert project.client.request("POST", "/Users", person("ann")).status == 201
    refused = project.client.request("POST", "/Users", person("bob"))
    assert (refused.status, refused.detail) == (403, "All seats are taken.")
    bob = project.client.request("POST", "/Users", person("bob", active=False))
    assert bob.status == 201, bob
    assert set_active(project.client, bob.json, True).status == 403


@use("how-to/extend", "tell_billing")
def who_pays_is_told(project: Project) -> None:
    bill = project.names["bill"].delay
    with project.fixture("django_capture_on_commit_callbacks")(execute=True):
        made = project.client.request("POST", "/Users", person("cid"))
        project.client.patch(
            f"/Users/{made.id}", {"op": "replace", "path": "title", "value": "Doctor"}
        )
    assert not bill.called
    with project.fixture("django_capture_on_commit_callbacks")(execute=True):
        set_active(project.client, made.json, False)
    bill.assert_called_once_with(None, project.user("cid").pk)
    with project.fixture("django_capture_on_commit_callbacks")(execute=True):
        path = f"{project.names['ENTERPRISE']}:costCenter"
        project.client.patch(f"/Users/{made.id}", {"op": "replace", "path": path, "value": "8"})
    assert bill.call_count == 2


@use("how-to/get-notices", "page_somebody")
def somebody_is_called(project: Project) -> None:
    for kind in ("connection.failing", "connection.drift"):
        scim_notice.send(None, connection=project.connection, kind=kind, facts={"failed": 3})
    project.names["pager"].call.assert_called_once()


@use("how-to/link-existing-users", "should_link")
def function_is_asked(project: Project) -> None:
    asked = Mock(return_value=True)
    project.names["should_link"] = lambda **given: asked(**given)
    policy = {"should_link_user": "shop.scim.should_link"}
    project.configure(LINK_EXISTING_USERS=policy)
    dora = make_user("dora@corp.example")
    linked = project.client.request("POST", "/Users", person("dora@corp.example"))
    assert linked.status == 201, linked
    assert asked.call_args.kwargs["user"] == dora


@use("how-to/log-in", "connection_of")
def customer_says_which_connection(project: Project) -> None:
    assert project.names["connection_of"]("okta-acme", {}) == "acme"


@use("how-to/manage-connections-by-people", "may_generate")
def who_may_not_generate_is_refused(project: Project) -> None:
    project.configure(**project.names["SCIM_PROVIDER"])
    with pytest.raises(PermissionDenied):
        api.generate_scim_token(make_user("ann"), "own")


@use("how-to/manage-connections-by-people", "only_on_weekdays")
def veto_keeps_the_token(project: Project) -> None:
    with pytest.raises(PermissionDenied, match="Monday"):
        generate_scim_token("acme")
    live(project.client)


@use("how-to/move-from-django-scim2", "people_of_okta")
def importer_takes_whom_the_function_returns(project: Project) -> None:
    assert not project.names["people_of_okta"]().exists()


@use("how-to/observe", "StatsD")
def requests_are_timed(project: Project) -> None:
    project.configure(**project.names["SCIM_PROVIDER"])
    project.client.get("/Users")
    name, milliseconds = project.names["statsd"].timing.call_args.args
    assert (name, milliseconds > 0) == ("scim.users.list.200", True)


@use("how-to/log-in-by-package", "ProvisionedLDAPBackend")
def directory_lets_in_whom_it_provisioned(project: Project) -> None:
    backend = project.names["ProvisionedLDAPBackend"]()
    entry = SimpleNamespace(attrs={"entryUUID": ["00u-ann"]})
    with pytest.raises(PermissionDenied):
        backend.get_or_build_user("ann", entry)
    assert project.client.request("POST", "/Users", person("ann")).status == 201
    assert backend.get_or_build_user("ann", entry) == (project.user("ann"), False)
