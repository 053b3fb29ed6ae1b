"""Comparisons in one line each, for tests."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model

from django_scim_provider.insight.drift import Divergence, Drift, DriftComparison
from django_scim_provider.models import LinkedAccount, ProviderConnection
from django_scim_provider.registry import get_registry
from tests.people import host_user, post
from tests.scim_client import SCIMTestClient


def comparison(provider_id: str = "acme", **options: Any) -> DriftComparison:
    """Return a comparison of a connection."""
    registry = get_registry()
    return DriftComparison(
        ProviderConnection.objects.get(provider_id=provider_id),
        user_type=registry.by_name("User").resource_type,
        group_type=registry.by_name("Group").resource_type,
        **options,
    )


def compare(provider_id: str = "acme", **options: Any) -> tuple[Drift, list[Divergence]]:
    """Return how a whole run went, and what it found."""
    found: list[Divergence] = []
    return comparison(provider_id, **options).run(seen=found.append), found


def told(provider_id: str = "acme", **options: Any) -> list[str]:
    """Return what a run finds, as ``part name`` with the reason why it is kept, in order."""
    _, found = compare(provider_id, **options)
    return [
        f"{each.part} {each.name}" + (f" {each.kept}" if each.kept else "")
        for finding in found
        for each in finding.differences
    ]


def repair(provider_id: str = "acme", **options: Any) -> Drift:
    """Repair and return how it went."""
    return compare(provider_id, repair=True, **options)[0]


def account_of(resource: dict[str, Any]) -> LinkedAccount:
    """Return the account behind a SCIM user, as the database has it now."""
    return LinkedAccount.objects.get(pk=resource["id"])


def ann(client: SCIMTestClient, **attributes: Any) -> dict[str, Any]:
    """Provision somebody with a name and an address."""
    body: dict[str, Any] = post(
        client,
        "ann@x.example",
        name={"givenName": "Ann", "familyName": "Ash"},
        emails=[{"value": "ann@x.example", "type": "work", "primary": True}],
        **attributes,
    ).json
    return body


def write(resource: dict[str, Any], **fields: Any) -> None:
    """Change the project's user behind everybody's back."""
    users = get_user_model()._default_manager
    users.filter(pk=host_user(resource).pk).update(**fields)
