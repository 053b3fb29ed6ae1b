"""The command: what it takes, what it prints, how it ends."""

from __future__ import annotations

import io
import os
import pty
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.doctor.conftest import Examine, Serve
from tests.doctor.set_ups import App, strip_authorization

URL = "http://127.0.0.1:9/scim/v2"


def refused(monkeypatch: pytest.MonkeyPatch, *arguments: str, token: str = "t") -> CommandError:
    monkeypatch.setattr("sys.stdin", io.StringIO(token))
    with pytest.raises(CommandError) as caught:
        call_command("scim_doctor", *arguments)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host/scim/v2",
        "ftp://host/scim/v2",
        "https://",
        "https:///scim/v2",
        "https://user:pass@host/scim/v2",
        "https://host/scim/v2?a=b",
        "https://host/scim/v2?",
        "https://host/scim/v2#x",
        "https://host:port/scim/v2",
        "https://host:99999/scim/v2",
        "https://[::1/scim/v2",
        "https://host/scim /v2",
        "https://host/scim\n/v2",
    ],
)
def test_url_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert refused(monkeypatch, url, "--token-stdin").returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([URL], id="no-source-of-the-token"),
        pytest.param([URL, "--token-stdin", "--timeout", "0"], id="no-time"),
        pytest.param([URL, "--token-stdin", "--timeout", "nan"], id="not-a-number"),
        pytest.param([URL, "--token-stdin", "--timeout", "1e9"], id="ages"),
        pytest.param([URL, "--token-stdin", "--max-wait", "-1"], id="negative-wait"),
    ],
)
def test_argument_that_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    assert refused(monkeypatch, *arguments).returncode == 2


@pytest.mark.parametrize("token", ["", "  \n"])
def test_standard_input_without_a_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    error = refused(monkeypatch, URL, "--token-stdin", token=token)

    assert error.returncode == 2


def test_nobody_listens(examine: Examine, free_port: int) -> None:
    found = examine(f"http://127.0.0.1:{free_port}/scim/v2", "t")

    assert (found.code, found.ids) == (1, ["unreachable"])


def test_host_without_an_address(examine: Examine) -> None:
    found = examine("https://nowhere.invalid/scim/v2", "t")

    assert (found.code, found.ids) == (1, ["host-unknown"])


def test_server_that_is_silent(examine: Examine, silent_port: int) -> None:
    found = examine(f"http://127.0.0.1:{silent_port}/scim/v2", "t", "--timeout", "0.2")

    assert (found.code, found.ids) == (1, ["timeout"])
    assert "0.2 seconds" in found.seen


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_text_for_people(serve: Serve, examine: Examine, token: str) -> None:
    found = examine(serve(strip_authorization).url, token, as_json=False)

    lines = found.out.splitlines()
    assert lines[0].endswith("/scim/v2")
    assert "  FAILED   token" in lines
    assert "  skipped  discovery" in lines
    assert "ERROR authorization-stripped" in lines
    assert lines[-1] == "1 error, 1 warning, 0 notes."
    assert all(len(line) <= 88 for line in lines)
    assert "\x1b" not in found.out
    assert token not in found.out + found.err


def test_request_ids_lead_to_the_log(serve: Serve, examine: Examine, token: str) -> None:
    seen: list[str] = []

    def note(app: App) -> App:
        def noting(environ: dict[str, Any], start: Any) -> Any:
            seen.append(environ.get("HTTP_X_REQUEST_ID", ""))
            return app(environ, start)

        return noting

    found = examine(serve(strip_authorization, note).url, token)

    assert found.report["findings"][-1]["request_id"] in seen
    assert len(set(seen)) == len(seen)


def test_token_that_is_typed_is_not_shown(serve: Serve, token: str) -> None:
    primary, secondary = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "django", "scim_doctor", serve().url, "--token-stdin"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=secondary,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        os.close(secondary)
        assert process.stderr is not None
        prompt = process.stderr.read(len("Token: "))
        os.write(primary, token.encode() + b"\n")

        out, err = process.communicate(timeout=120)

    os.close(primary)
    assert prompt == "Token: "
    assert process.returncode == 0, out + err
    assert token not in out + err


@pytest.mark.parametrize("module", ["httpx2", "rich"])
def test_missing_extra_is_named(module: str) -> None:
    code = (
        f"import sys; sys.modules['{module}'] = None\n"
        "from django.core.management import execute_from_command_line\n"
        f"execute_from_command_line(['manage.py', 'scim_doctor', '{URL}', '--token-stdin'])"
    )

    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    assert "django-scim-provider[tools]" in result.stderr
