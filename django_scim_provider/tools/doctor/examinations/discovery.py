"""The discovery documents: complete, reachable, and true as far as reading shows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.tools.doctor.diagnosis import FORBIDDEN, diagnose
from django_scim_provider.tools.doctor.examination import Examination
from django_scim_provider.tools.doctor.examinations.locations import check_locations
from django_scim_provider.tools.doctor.kinds import Kind

INCOMPLETE = Kind(
    "discovery-incomplete",
    _("Discovery lacks %(what)s."),
    _(
        "Compare with the same request inside the network: if it is there, something cuts the "
        "answer down on the way; if not, look at EXTENSIONS and RESOURCE_TYPES of SCIM_PROVIDER."
    ),
)
UNREACHABLE = Kind(
    "location-unreachable",
    _("%(request)s, an address from discovery, is answered with %(status)s."),
    _(
        "Let the proxy pass all paths below the URL on, also with colons and dots in them, as in "
        "the URNs of schemas."
    ),
)
SCHEMES = Kind(
    "discovery-authentication",
    _("ServiceProviderConfig does not name oauthbearertoken, though a bearer token opened it."),
    _(
        "Some identity providers choose the authentication method by it; look for what changes the "
        "answer on the way."
    ),
)
# RFC 7643 section 5.
REQUIRED = ("patch", "bulk", "filter", "changePassword", "sort", "etag", "authenticationSchemes")


def check_discovery(examination: Examination) -> None:
    """Read all three documents, and go where they point."""
    config = examination.send("GET", "/ServiceProviderConfig")
    if not examination.expect(config, 200):
        return
    examination.config = config.body
    _check_config(examination)
    types = _read(examination, "/ResourceTypes")
    schemas = _read(examination, "/Schemas")
    _check_schemas(examination, types, schemas)
    for name, found in (
        ("/ServiceProviderConfig", [config.body]),
        ("/ResourceTypes", types),
        ("/Schemas", schemas),
    ):
        locations = [_member(resource, "meta", "location") for resource in found]
        for path in check_locations(examination, locations, f"GET {name}"):
            _visit(examination, path)
    for resource in types:
        _visit_endpoint(examination, resource.get("endpoint"))


def _check_config(examination: Examination) -> None:
    missing = [name for name in REQUIRED if name not in examination.config]
    if missing:
        what = ", ".join(f"ServiceProviderConfig.{name}" for name in missing)
        examination.note(INCOMPLETE, what=what)
    schemes = examination.config.get("authenticationSchemes")
    named = [one.get("type") for one in schemes or () if isinstance(one, dict)]
    if "oauthbearertoken" not in named:
        examination.note(SCHEMES)


def _read(examination: Examination, path: str) -> list[Resource]:
    answer = examination.send("GET", path)
    return answer.resources if examination.expect(answer, 200) else []


def _check_schemas(
    examination: Examination, types: list[Resource], schemas: list[Resource]
) -> None:
    described = {schema.get("id") for schema in schemas if schema.get("attributes")}
    lacking = [] if any(one.get("id") == "User" for one in types) else ["/ResourceTypes: User"]
    for resource in types:
        extensions = resource.get("schemaExtensions") or ()
        wanted = [resource.get("schema"), *(one.get("schema") for one in extensions)]
        lacking += [f"/Schemas: {urn}" for urn in wanted if urn not in described]
    if lacking:
        examination.note(INCOMPLETE, what=", ".join(dict.fromkeys(lacking)))


def _visit(examination: Examination, path: str) -> None:
    answer = examination.send("GET", path)
    if answer.status != 200 or not answer.is_scim:
        examination.note(UNREACHABLE, answer)


def _visit_endpoint(examination: Examination, endpoint: object) -> None:
    if not isinstance(endpoint, str) or not endpoint.startswith("/"):
        examination.note(INCOMPLETE, what="ResourceTypes.endpoint")
        return
    answer = examination.send("GET", endpoint, params={"count": 0})
    if answer.status == 200 and answer.is_scim:
        return
    found = diagnose(answer, examination.base_url)
    if found.kind is not FORBIDDEN:
        found = UNREACHABLE.found(answer)
    examination.add(found)


def _member(resource: Resource, *names: str) -> Any:
    found: Any = resource
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
