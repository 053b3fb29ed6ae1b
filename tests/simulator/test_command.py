"""``manage.py scim_simulate``: arguments, exit codes, and what it prints."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from django_scim_provider.core.urns import LIST_URN
from django_scim_provider.management import endpoints
from django_scim_provider.management.commands.scim_simulate import Command
from django_scim_provider.models import LinkedAccount
from tests.live import LiveSCIM
from tests.simulator.playing import TOKEN

URL = "http://127.0.0.1:9/scim/v2"


class Stdin(StringIO):
    """Standard input that is no terminal."""


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Let standard input hold a text."""
    monkeypatch.setattr("sys.stdin", Stdin(text))


def run(*arguments: str) -> tuple[str, str, int]:
    """Return what the command wrote to standard output, to standard error, and its exit code."""
    out, err = StringIO(), StringIO()
    try:
        call_command("scim_simulate", *arguments, "--token-stdin", stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", error.returncode
    return out.getvalue(), err.getvalue(), 0


class Interrupting(BaseHTTPRequestHandler):
    """Answers the probe of a connection, and has this process stopped at the next request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "count=1" not in self.path:
            os.kill(os.getpid(), signal.SIGTERM)
        body = b'{"schemas": ["%s"], "totalResults": 0}' % LIST_URN.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing."""


class Mirror(BaseHTTPRequestHandler):
    """Answers everything with 500 and the ``Authorization`` that it got."""

    def do_GET(self) -> None:
        self.send_response(500)
        self.end_headers()
        self.wfile.write(f"<h1>{self.headers['Authorization']}</h1>".encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a server; yield the address of its SCIM root."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/scim/v2"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def mirror() -> Iterator[str]:
    """Return the address of a server that is broken and talkative."""
    with serving(Mirror) as url:
        yield url


@pytest.mark.django_db(transaction=True)
def test_table_of_a_good_run(scim: LiveSCIM, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, f"{scim.token}\n")

    out, err, code = run("entra", scim.url + "/", "--users", "4", "--groups", "1", "--cleanup")

    assert code == 0, err
    assert "Microsoft Entra ID, run " in out
    assert "Create a user" in out
    assert "Seed " in out
    assert scim.token not in out + err
    assert not LinkedAccount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_json_of_a_good_run(scim: LiveSCIM, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, scim.token)

    out, err, code = run("google", scim.url, "--users", "4", "--seed", "3", "--json")

    report = json.loads(out)
    created = next(one for one in report["operations"] if one["operation"] == "Create a user")
    assert (code, report["good"], report["seed"], report["failures"]) == (0, True, 3, [])
    assert created["count"] == 4
    assert 0 < created["median"] <= created["p95"] <= created["max"]
    assert scim.token not in out + err


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_seed_do_not_meet(scim: LiveSCIM, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = []
    for _ in range(2):
        give(monkeypatch, scim.token)
        codes.append(run("okta", scim.url, "--users", "3", "--groups", "1", "--seed", "3")[2])

    assert codes == [0, 0]
    assert LinkedAccount.objects.count() == 6


def test_broken_server_is_reported(mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, TOKEN)

    out, err, code = run("okta", mirror)

    assert code == 1
    assert "500" in out
    assert "(token)" in out
    assert "'Test the connection' failed" in err
    assert TOKEN not in out + err


def test_broken_server_is_reported_in_json(mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, TOKEN)

    out, err, code = run("entra", mirror, "--json")

    (failure,) = json.loads(out)["failures"]
    assert (code, failure["status"]) == (1, 500)
    assert failure["shown"].startswith("InternalServerError")
    assert TOKEN not in out + err


@pytest.mark.parametrize(("option", "colored"), [("--force-color", True), ("--no-color", False)])
def test_colors_are_as_the_options_say(
    option: str, colored: bool, mirror: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, TOKEN)
    monkeypatch.setenv("FORCE_COLOR", "1")  # what rich goes by where nothing is said

    out, _, _ = run("okta", mirror, option)

    assert ("\x1b" in out) is colored


def test_interrupted_run_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, TOKEN)

    with serving(Interrupting) as url:
        out, err, code = run("google", url, "--json")

    report = json.loads(out)
    assert (code, report["good"], report["stopped"]) == (130, False, "It was interrupted.")
    assert "Stopped." in err


def test_server_that_is_not_there_is_reported(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, TOKEN)

    out, err, code = run("google", f"http://127.0.0.1:{free_port}/scim/v2")

    assert code == 1
    assert "ConnectError" in out
    assert TOKEN not in out + err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["okta", "scim.example.com"], "URL", id="no-scheme"),
        pytest.param(["okta", "ftp://scim.example.com"], "URL", id="other-scheme"),
        pytest.param(["okta", "https://"], "URL", id="no-host"),
        pytest.param(["okta", "https://x.example:port/"], "URL", id="no-port"),
        pytest.param(["okta", "https://[x/"], "URL", id="brackets"),
        pytest.param(["okta", "https://x.example/a b"], "URL", id="space"),
        pytest.param(["okta", "https://a:b@x.example"], "password", id="password"),
        pytest.param(["okta", "https://x.example/?a=b"], "query", id="query"),
        pytest.param(["okta", URL, "--users", "0"], "--users", id="nobody"),
        pytest.param(["okta", URL, "--users", "100001"], "--users", id="too-many"),
        pytest.param(["okta", URL, "--groups", "-1"], "--groups", id="groups"),
        pytest.param(["okta", URL, "--rate", "0"], "--rate", id="no-rate"),
        pytest.param(["okta", URL, "--rate", "nan"], "--rate", id="nan"),
        pytest.param(["okta", URL, "--deactivate", "101"], "--deactivate", id="percent"),
    ],
)
def test_arguments_that_cannot_be_used(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, TOKEN)

    out, err, code = run(*arguments)

    assert (out, code) == ("", 2)
    assert said in err


@pytest.mark.parametrize("text", ["", "\n", " \n", "two words", "tökén", "a\x00b"])
def test_standard_input_without_a_token(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, text)

    _, err, code = run("okta", URL)

    assert code == 2
    assert "Standard input" in err
    assert not text.strip() or text not in err


def test_token_comes_from_standard_input_only() -> None:
    with pytest.raises(CommandError, match="--token-stdin") as caught:
        call_command("scim_simulate", "okta", URL)

    assert caught.value.returncode == 2


@pytest.mark.parametrize("arguments", [["myidp", URL], ["okta"], ["okta", URL, "--users", "x"]])
def test_arguments_that_argparse_refuses(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = Command().create_parser("manage.py", "scim_simulate")
    parser.called_from_command_line = True

    with pytest.raises(SystemExit) as caught:
        parser.parse_args(arguments)

    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "TOOLS", ("json", "no_such_module"))

    _, err, code = run("okta", URL)

    assert code == 2
    assert "no_such_module cannot be imported" in err
    assert "django-scim-provider[tools]" in err


@pytest.mark.parametrize(
    ("url", "is_secure", "is_loopback"),
    [
        ("https://scim.example.com", True, False),
        ("http://scim.example.com", False, False),
        ("http://127.0.0.1:8000/scim/v2", False, True),
        ("http://[::1]:8000", False, True),
        ("http://localhost", False, True),
    ],
)
def test_plain_http_is_told_apart(url: str, is_secure: bool, is_loopback: bool) -> None:
    found = endpoints.base_url(url)

    assert (found.is_secure, found.is_loopback) == (is_secure, is_loopback)
