"""The one style in which doctor and simulator print."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from django_scim_provider.tools.report import console_on, write, write_paragraph


@pytest.mark.parametrize(
    ("options", "colored"),
    [
        pytest.param({}, False, id="file"),
        pytest.param({"force_color": True}, True, id="forced"),
        pytest.param({"force_color": True, "no_color": True}, False, id="neither"),
    ],
)
def test_options_of_the_command_decide_on_colors(options: dict[str, bool], colored: bool) -> None:
    out = StringIO()

    write(console_on(OutputWrapper(out), **options), "ERROR", "red")

    assert ("\x1b" in out.getvalue()) is colored


def test_line_is_written_as_it_is() -> None:
    out = StringIO()
    text = "[red]no markup[/red] " + "and no break " * 20

    write(console_on(OutputWrapper(out)), text)

    assert out.getvalue() == f"{text}\n"


def test_paragraph_breaks_no_address() -> None:
    out = StringIO()
    address = "https://scim.example.com/" + "long-path/" * 12

    write_paragraph(console_on(OutputWrapper(out)), "Seen", f"It answers at {address} too.")

    first, second, third = out.getvalue().splitlines()
    assert first == "  Seen     It answers at"
    assert second == " " * 11 + address
    assert third == " " * 11 + "too."
