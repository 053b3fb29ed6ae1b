"""What proxies, firewalls and caches do to requests and answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import (
    Environ,
    Wrapper,
    answer,
    asks,
    instead,
    page,
    with_body,
    with_environ,
    with_headers,
)

EMPTY = b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "418"}'


@pytest.mark.parametrize(
    ("wrapper", "id"),
    [
        pytest.param(
            with_headers(lambda h: h.pop("Cache-Control", None)), "cacheable", id="no-cache-control"
        ),
        pytest.param(with_headers(lambda h: h.update({"Age": "7"})), "cacheable", id="age"),
        pytest.param(
            with_headers(lambda h: "Etag" in h and h.update({"Etag": h["Etag"][:-1] + '-gzip"'})),
            "etag-changed",
            id="etag-rewritten",
        ),
        pytest.param(
            with_headers(lambda h: h.pop("Etag", None)), "etag-changed", id="etag-dropped"
        ),
        pytest.param(
            with_environ(lambda environ: environ.pop("HTTP_IF_NONE_MATCH", None)),
            "etag-ignored",
            id="if-none-match-dropped",
        ),
        pytest.param(
            instead(
                page("415 Unsupported Media Type"),
                lambda environ: environ.get("CONTENT_TYPE") == "application/scim+json",
            ),
            "media-type-refused",
            id="firewall-knows-no-scim-json",
        ),
        pytest.param(
            instead(page("403 Forbidden"), lambda environ: "%22" in environ["QUERY_STRING"]),
            "blocked-by-proxy",
            id="firewall-dislikes-quotes",
        ),
        pytest.param(instead(page("502 Bad Gateway")), "application-unreachable", id="gateway"),
        pytest.param(instead(page("520 Unknown")), "application-unreachable", id="cdn"),
        pytest.param(instead(page("500 Oops")), "server-error", id="error-page"),
        pytest.param(instead(page("501 x"), asks("PUT")), "blocked-by-proxy", id="method"),
        pytest.param(
            instead(answer("418 Teapot", EMPTY), asks("PUT")), "probe-not-replaced", id="put"
        ),
        pytest.param(
            instead(answer("204 No Content", b""), asks("PATCH")), "probe-not-patched", id="patch"
        ),
        pytest.param(
            instead(answer("204 No Content", b""), asks("DELETE")),
            "probe-not-deleted",
            id="delete",
        ),
        pytest.param(
            instead(answer("200 OK", b"pong", ("Content-Type", "text/plain"))),
            "unexpected-answer",
            id="something-else",
        ),
    ],
)
def test_what_is_in_between_is_named(
    serve: Serve, examine: Examine, token: str, wrapper: Wrapper, id: str
) -> None:
    found = examine(serve(wrapper).url, token)

    assert found.code == 1
    assert id in found.ids


def test_host_that_django_does_not_know(
    serve: Serve, examine: Examine, token: str, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["app.example.com"]

    found = examine(serve().url, token)

    assert (found.code, found.ids) == (1, ["host-not-allowed"])


def rewrite_path(before: str, after: str) -> Wrapper:
    def change(environ: Environ) -> None:
        path = environ["PATH_INFO"]
        environ["PATH_INFO"] = path.replace(before, after, 1)

    return with_environ(change)


def test_proxy_that_drops_a_slash(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve(rewrite_path("/scim/v2/", "/scim/v2")).url, token)

    assert (found.code, found.ids) == (1, ["proxy-drops-slash"])


def test_proxy_that_doubles_a_slash_does_no_harm(
    serve: Serve, examine: Examine, token: str
) -> None:
    found = examine(serve(rewrite_path("/scim/v2/", "/scim/v2//")).url, token)

    assert (found.code, found.ids) == (0, [])


def test_proxy_that_adds_to_the_path(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve(rewrite_path("/scim/v2/", "/scim/v2/v2/")).url, token)

    assert (found.code, found.ids) == (1, ["proxy-changes-path"])


def test_url_with_a_slash_at_its_end(serve: Serve, examine: Examine, token: str) -> None:
    assert examine(serve().url + "/", token).ids == []


def test_url_with_a_slash_at_its_end_where_doubled_slashes_do_not_come_through(
    serve: Serve, examine: Examine, token: str
) -> None:
    found = examine(serve(rewrite_path("/scim/v2//", "/scim/v2/none/")).url + "/", token)

    assert (found.code, found.ids) == (0, ["trailing-slash"])


def test_proxy_that_merges_slashes_takes_both_spellings(
    serve: Serve, examine: Examine, token: str
) -> None:
    assert examine(serve(rewrite_path("/scim/v2//", "/scim/v2/")).url + "/", token).ids == []


def test_url_with_a_doubled_slash(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve().url.replace("/scim", "/scim/"), token)

    assert (found.code, found.ids) == (1, ["double-slash"])


@pytest.mark.parametrize("hours", [-2, 2])
def test_clock_of_the_application(serve: Serve, examine: Examine, token: str, hours: int) -> None:
    def shift(environ: Environ, body: Any) -> Any:
        meta = body.get("meta", {}) if asks("POST", "/Users")(environ) else {}
        for name in {"created", "lastModified"} & meta.keys():
            at = datetime.fromisoformat(meta[name]) + timedelta(hours=hours)
            meta[name] = at.isoformat()
        return body

    found = examine(serve(with_body(shift)).url, token)

    assert (found.code, found.ids) == (1, ["application-clock-off"])
    assert "meta.created" in found.seen
