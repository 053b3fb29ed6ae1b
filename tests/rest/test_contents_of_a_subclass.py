"""Parsers, renderers, negotiation and versions that a subclass of a view declares, hold."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, FormParser, JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.versioning import AcceptHeaderVersioning

from django_scim_provider.models import LinkedAccount
from django_scim_provider.rest.viewsets import ResourceViewSet
from tests.factories import make_token
from tests.rest.test_seams import ask, subclass
from tests.scim_client import CORE, SCIM_JSON

pytestmark = pytest.mark.django_db


class ByLine(BaseParser):
    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return {"schemas": [CORE], "userName": stream.read().decode()}


class Lone(JSONRenderer):
    media_type = "application/x-own"
    charset = None


def test_parsers_of_a_subclass_read() -> None:
    view = subclass(ResourceViewSet, parser_classes=(JSONParser, ByLine))
    body = orjson.dumps({"schemas": [CORE], "userName": "ann"})

    json = ask(view, "POST", token=make_token(), body=body, CONTENT_TYPE="application/json")
    line = ask(view, "POST", token=make_token(), body=b"bob", CONTENT_TYPE="text/plain")
    own = subclass(ResourceViewSet, parser_classes=(FormParser,))
    refusal = ask(own, "POST", token=make_token(), body=body)

    assert [json.status_code, line.status_code, refusal.status_code] == [201, 201, 415]
    assert set(LinkedAccount.objects.values_list("user_name", flat=True)) == {"ann", "bob"}


@pytest.mark.parametrize("policies", [{"renderer_classes": (Lone,)}, "method"])
def test_renderers_of_a_subclass_write(policies: Any) -> None:
    own = {"get_renderers": lambda self: [Lone()]} if policies == "method" else policies
    view, token = subclass(ResourceViewSet, **own), make_token()

    shown = ask(view, token=token)
    fault = ask(view)
    unwanted = ask(view, token=token, HTTP_ACCEPT=SCIM_JSON)

    assert shown["Content-Type"] == fault["Content-Type"] == "application/x-own"
    assert orjson.loads(shown.content)["totalResults"] == 0
    assert orjson.loads(fault.content)["status"] == "401"
    assert unwanted.status_code == 406


@pytest.mark.parametrize("accept", ["", "*/*"])
def test_view_without_renderers_accepts_nothing(accept: str) -> None:
    view = subclass(ResourceViewSet, renderer_classes=())

    answer = ask(view, token=make_token(), HTTP_ACCEPT=accept)

    assert (answer.status_code, answer["Content-Type"]) == (406, SCIM_JSON)


def test_negotiation_and_version_of_a_subclass_hold() -> None:
    class Versions(AcceptHeaderVersioning):
        allowed_versions = ("7",)
        default_version = "7"

    class Last(DefaultContentNegotiation):
        def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
            return renderers[-1], "application/json; last"

    seen: list[Any] = []

    class Own(ResourceViewSet):
        versioning_class = Versions
        content_negotiation_class = Last  # type: ignore[assignment]  # any will do

        def list(self, request: Any) -> Any:
            seen.append((request.version, request.accepted_media_type))
            return super().list(request)

    assert ask(Own, token=make_token()).status_code == 200
    assert seen == [("7", "application/json; last")]
