"""Discovery against behaviour: what is declared, and what requests really do."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import Environ, Wrapper, answer, asks, instead, page, with_body
from tests.scim_client import SCIMTestClient

SCIM_JSON = ("Content-Type", "application/scim+json")


def in_document(name: str, change: Callable[[Any], Any]) -> Wrapper:
    """Change one discovery document, in place or by what is returned."""

    def changed(environ: Environ, body: Any) -> Any:
        if environ["PATH_INFO"].rstrip("/").endswith(name) and "detail" not in body:
            return change(body) or body
        return body

    return with_body(changed)


def declares(feature: str, **options: Any) -> Wrapper:
    return in_document("/ServiceProviderConfig", lambda body: body[feature].update(options))


@pytest.mark.parametrize(
    ("base_url", "id"),
    [
        pytest.param("https://127.0.0.1:{port}/scim/v2", "location-scheme", id="scheme"),
        pytest.param("http://app.internal:8000/scim/v2", "location-host", id="host"),
        pytest.param("http://127.0.0.1/scim/v2", "location-host", id="port"),
        pytest.param("http://127.0.0.1:{port}/v2", "location-path", id="path"),
        pytest.param("http://127.0.0.1:{port}/scim/v22", "location-path", id="longer-path"),
    ],
)
def test_wrong_base_url(
    serve: Serve, examine: Examine, token: str, scim_settings: Any, base_url: str, id: str
) -> None:
    server = serve()
    scim_settings(BASE_URL=base_url.format(port=server.port))

    found = examine(server.url, token)

    assert (found.code, found.ids) == (1, [id])
    assert "BASE_URL" in found.report["findings"][-1]["change"]


def test_right_base_url_is_no_finding(
    serve: Serve, examine: Examine, token: str, scim_settings: Any
) -> None:
    server = serve()
    scim_settings(BASE_URL=server.url + "/")

    assert examine(server.url, token).ids == []


@pytest.mark.parametrize(
    ("wrapper", "id"),
    [
        pytest.param(
            in_document("/ServiceProviderConfig", lambda b: b.pop("sort") and None),
            "discovery-incomplete",
            id="no-sort",
        ),
        pytest.param(
            in_document("/ServiceProviderConfig", lambda b: b["authenticationSchemes"].clear()),
            "discovery-authentication",
            id="no-scheme",
        ),
        pytest.param(
            in_document("/Schemas", lambda b: b["Resources"].pop(0) and None),
            "discovery-incomplete",
            id="no-user-schema",
        ),
        pytest.param(
            in_document("/ResourceTypes", lambda b: b["Resources"].pop(0) and None),
            "discovery-incomplete",
            id="no-user-type",
        ),
        pytest.param(
            in_document("/ResourceTypes", lambda b: b["Resources"][0].pop("endpoint") and None),
            "discovery-incomplete",
            id="no-endpoint",
        ),
        pytest.param(
            in_document("/Schemas", lambda b: b["Resources"][0].pop("meta") and None),
            "location-missing",
            id="no-location",
        ),
        pytest.param(
            instead(page("404 Not Found"), asks("GET", "/Schemas/urn:")),
            "location-unreachable",
            id="colons-in-paths",
        ),
        pytest.param(
            instead(page("404 Not Found"), asks("GET", "/Groups")),
            "location-unreachable",
            id="endpoint",
        ),
        pytest.param(
            instead(page("404 Not Found"), asks("GET", "/ResourceTypes")),
            "html-answer",
            id="document",
        ),
    ],
)
def test_discovery_that_is_not_whole(
    serve: Serve, examine: Examine, token: str, wrapper: Wrapper, id: str
) -> None:
    found = examine(serve(wrapper).url, token)

    assert found.code == 1
    assert id in found.ids


def refuses_parameter(name: str) -> Wrapper:
    body = b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400"}'
    return instead(
        answer("400 Bad Request", body, SCIM_JSON),
        lambda environ: f"{name}=" in environ["QUERY_STRING"],
    )


@pytest.mark.parametrize("name", ["sortBy", "cursor"])
def test_feature_that_is_declared_and_refused(
    serve: Serve, examine: Examine, token: str, name: str
) -> None:
    found = examine(serve(refuses_parameter(name)).url, token)

    assert (found.code, found.ids) == (1, ["discovery-untrue"])


@pytest.mark.parametrize("feature", ["sort", "filter", "etag", "bulk"])
def test_declaration_that_is_no_object_is_not_relied_on(
    serve: Serve, examine: Examine, token: str, feature: str
) -> None:
    change = in_document("/ServiceProviderConfig", lambda body: {**body, feature: "yes"})

    assert examine(serve(change).url, token).ids == []


def test_page_that_is_too_long(serve: Serve, examine: Examine, token: str) -> None:
    for name in ("ann", "bob", "cid"):
        SCIMTestClient(token).create_user(name)

    found = examine(serve(declares("filter", maxResults=2)).url, token)

    assert (found.code, found.ids) == (1, ["discovery-max-results"])
    assert "ann" not in found.out


def test_body_limit_of_a_proxy(serve: Serve, examine: Examine, token: str) -> None:
    nginx = instead(
        page("413 Request Entity Too Large"),
        lambda environ: int(environ.get("CONTENT_LENGTH") or 0) > 1024 * 1024,
    )

    found = examine(serve(nginx).url, token)

    assert (found.code, found.ids) == (1, ["proxy-body-limit"])
    assert "client_max_body_size" in found.report["findings"][-1]["change"]


def test_refusal_that_a_proxy_turns_into_502_is_one(
    serve: Serve, examine: Examine, token: str
) -> None:
    beyond = instead(
        page("502 Bad Gateway"),
        lambda environ: int(environ.get("CONTENT_LENGTH") or 0) > 4 * 1024 * 1024,
    )

    assert examine(serve(beyond).url, token).ids == []


@pytest.mark.parametrize(
    ("options", "limit"),
    [({"maxOperations": 10}, "maxOperations"), ({"maxPayloadSize": 2000}, "maxPayloadSize")],
)
def test_bulk_beyond_what_is_declared(
    serve: Serve, examine: Examine, token: str, options: dict[str, int], limit: str
) -> None:
    found = examine(serve(declares("bulk", **options)).url, token)

    assert (found.code, found.ids) == (1, ["discovery-bulk"])
    assert limit in found.seen


def test_password_that_is_declared_and_refused(serve: Serve, examine: Examine, token: str) -> None:
    body = b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400"}'

    def sets_password(environ: Environ) -> bool:
        return asks("PATCH")(environ) and b"password" in peek(environ)

    refuse = instead(answer("400 Bad Request", body, SCIM_JSON), sets_password)

    found = examine(serve(refuse, declares("changePassword", supported=True)).url, token)

    assert (found.code, found.ids) == (1, ["discovery-change-password"])


def peek(environ: Environ) -> bytes:
    """Return the body, and leave it to be read again."""
    body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    return body
