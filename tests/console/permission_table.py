"""Who may open which page of the admin, and press what: one line for each.

A page that is new has no line here, and the test of the matrix fails until it has one. A line says
which permissions open it, all of them together. ``view_...`` stands for the change permission of
the model as well, as in Django's admin, but for ``=view_...``; of ``one|other`` one will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django_scim_provider.admin.bulk_actions.selection import Progress
from django_scim_provider.models import Failure
from django_scim_provider.models.keys import uuid7
from tests.test_admin_permissions import World

SEES = "view_providerconnection"
VIEWS = "=view_providerconnection"
EITHER = "=view_linkedaccount|=view_provisionedgroup"
"""One of these will do."""
NOBODY = "nobody"
"""Not even superusers."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: what opens it, of which row, and how it answers."""

    needs: tuple[str, ...]
    row: Callable[[World], tuple[Any, ...]] = lambda world: ()
    """The arguments of its address."""
    opens: int = 200
    """What is answered to those who may; 302 where the page leads elsewhere."""
    query: dict[str, str] = field(default_factory=dict)


def _of(name: str) -> Callable[[World], tuple[Any, ...]]:
    return lambda world: (getattr(world, name).pk,)


def _model(model: str, name: str, *, add: str = NOBODY, delete: str = NOBODY) -> dict[str, Page]:
    """Return Django's own pages of a model."""
    view, row = (f"view_{model}",), _of(name)
    return {
        f"{model}_changelist": Page(view),
        f"{model}_change": Page(view, row),
        f"{model}_history": Page(view, row),
        f"{model}_add": Page((add,)),
        f"{model}_delete": Page((delete,), row),
    }


CONNECTION = _of("connection")

PAGES: dict[str, Page] = {
    **_model("providerconnection", "connection", add="add_providerconnection"),
    **_model("scimtoken", "token"),
    **_model("linkedaccount", "account", delete="delete_linkedaccount"),
    **_model("provisionedgroup", "group"),
    **_model("rolemapping", "mapping", add="add_rolemapping", delete="delete_rolemapping"),
    **_model("provisioningevent", "event"),
    "providerconnection_failures": Page((SEES, "=view_failure"), CONNECTION),
    "providerconnection_setup": Page((VIEWS,), CONNECTION),
    "providerconnection_health": Page((VIEWS,), CONNECTION),
    "providerconnection_drift": Page((VIEWS,), CONNECTION),
    "providerconnection_notices": Page((SEES, "manage_webhooks"), CONNECTION),
    "providerconnection_generate_token": Page((SEES, "rotate_scimtoken"), CONNECTION),
    "providerconnection_switch": Page((SEES, "disable_providerconnection"), CONNECTION),
    "providerconnection_decommission": Page((SEES, "decommission_providerconnection"), CONNECTION),
    "providerconnection_checks": Page((SEES, "run_checks"), CONNECTION),
    "providerconnection_recorder": Page(
        (SEES, "=record_exchanges|=view_recorded_exchanges"), CONNECTION
    ),
    "providerconnection_organizations": Page(("add_providerconnection",)),
    "rolemapping_groups": Page(
        ("view_provisionedgroup", "add_rolemapping|change_rolemapping"),
        query={"provider": "acme"},
    ),
    "rolemapping_rest": Page(
        ("add_rolemapping|change_rolemapping|delete_rolemapping",),
        query={"provider": "acme", "target": "project_role:editor"},
    ),
    "providerconnection_privacy": Page((VIEWS,), CONNECTION),
    "providerconnection_overall_privacy": Page((SEES,)),
    "providerconnection_bulk_disable": Page((SEES, "disable_providerconnection"), opens=302),
    "providerconnection_bulk_enable": Page((SEES, "disable_providerconnection"), opens=302),
    "providerconnection_bulk_rotate": Page((SEES, "rotate_scimtoken"), opens=302),
    "providerconnection_bulk_export": Page((SEES, "export_providerconnection", EITHER), opens=302),
    "providerconnection_bulk_repair": Page((SEES, "repair_providerconnection"), opens=302),
    "scimtoken_revoke": Page(("view_scimtoken", "revoke_scimtoken"), _of("token")),
    "provisioningevent_export": Page(("view_provisioningevent",)),
}
"""By the name of the route, without ``scim_provider_``."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent to a page, and who may send it."""

    page: str
    needs: tuple[str, ...]
    answers: Callable[[World], dict[str, Any]] = lambda world: {}
    finds_nothing: bool = False
    """Does it name what is not there, so that those who may are told so (404)?"""


def _chosen(**more: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {**Progress([world.connection.pk]).fields(), **more}


def _deleting(name: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {
        "action": "delete_selected",
        "_selected_action": str(getattr(world, name).pk),
        "post": "yes",
    }


def _failure(world: World) -> dict[str, Any]:
    return {"do": "ignore", "failure": Failure.objects.get(provider=world.connection).pk}


FORMS: dict[str, Form] = {
    "switch": Form("providerconnection_switch", (SEES, "disable_providerconnection")),
    "decommission": Form(
        "providerconnection_decommission",
        (SEES, "decommission_providerconnection"),
        lambda world: {"provider_id": world.connection.provider_id},
    ),
    "rotate": Form(
        "providerconnection_generate_token",
        (SEES, "rotate_scimtoken"),
        lambda world: {"key": uuid7()},
    ),
    "repair": Form("providerconnection_drift", (VIEWS, "repair_providerconnection")),
    "ignore a failure": Form(
        "providerconnection_failures", (SEES, "=view_failure", "change_failure"), _failure
    ),
    "add a webhook": Form(
        "providerconnection_notices",
        (SEES, "manage_webhooks"),
        lambda world: {"action": "add", "key": uuid7(), "address": "http://x/", "kinds": []},
    ),
    "run a check": Form(
        "providerconnection_checks", (SEES, "run_checks"), lambda world: {"kind": "drift"}
    ),
    "record": Form(
        "providerconnection_recorder", (SEES, "record_exchanges"), lambda world: {"do": "stop"}
    ),
    "try again what was recorded": Form(
        "providerconnection_recorder",
        (SEES, "=view_recorded_exchanges", "replay_recorded_exchanges"),
        lambda world: {"do": "replay"},
        finds_nothing=True,
    ),
    "bulk disable": Form(
        "providerconnection_bulk_disable", (SEES, "disable_providerconnection"), _chosen()
    ),
    "bulk enable": Form(
        "providerconnection_bulk_enable", (SEES, "disable_providerconnection"), _chosen()
    ),
    "bulk rotate": Form(
        "providerconnection_bulk_rotate",
        (SEES, "rotate_scimtoken"),
        lambda world: {**_chosen(part="0", overlap="24")(world), "key": uuid7()},
    ),
    "bulk export of people": Form(
        "providerconnection_bulk_export",
        (SEES, "export_providerconnection", "=view_linkedaccount"),
        _chosen(kind="people"),
    ),
    "bulk export of groups": Form(
        "providerconnection_bulk_export",
        (SEES, "export_providerconnection", "=view_provisionedgroup"),
        _chosen(kind="groups"),
    ),
    "bulk repair": Form(
        "providerconnection_bulk_repair", (SEES, "repair_providerconnection"), _chosen()
    ),
    "add a connection": Form("providerconnection_add", ("add_providerconnection",)),
    "change a connection": Form("providerconnection_change", ("change_providerconnection",)),
    "revoke": Form("scimtoken_revoke", ("view_scimtoken", "revoke_scimtoken")),
    "unlink": Form("linkedaccount_delete", ("delete_linkedaccount",), lambda world: {"post": "y"}),
    "go on with roles": Form(
        "rolemapping_rest",
        ("add_rolemapping|change_rolemapping|delete_rolemapping",),
        finds_nothing=True,
    ),
    "add a mapping": Form("rolemapping_add", ("add_rolemapping",)),
    "change a mapping": Form("rolemapping_change", ("change_rolemapping",)),
    "delete a mapping": Form(
        "rolemapping_delete", ("delete_rolemapping",), lambda world: {"post": "y"}
    ),
}
"""Whatever changes something; what is sent need not be valid, only permitted."""
READ_ONLY = {
    "providerconnection_setup",
    "providerconnection_health",
    "providerconnection_privacy",
    "providerconnection_overall_privacy",
    "providerconnection_organizations",
    "rolemapping_groups",
    "provisioningevent_export",
}
"""Pages of our own that change nothing."""
ACTIONS: dict[str, tuple[str, ...]] = {
    "providerconnection bulk_disable": (SEES, "disable_providerconnection"),
    "providerconnection bulk_enable": (SEES, "disable_providerconnection"),
    "providerconnection bulk_rotate": (SEES, "rotate_scimtoken"),
    "providerconnection bulk_export": (SEES, "export_providerconnection", EITHER),
    "providerconnection bulk_repair": (SEES, "repair_providerconnection"),
    "linkedaccount delete_selected": ("delete_linkedaccount",),
    "rolemapping delete_selected": ("delete_rolemapping",),
}
"""What lists offer to do, by model and name."""
