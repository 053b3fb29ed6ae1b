from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from xml.etree import ElementTree

import pytest

from benchmarks import ROOT, compare, imports
from benchmarks.yardstick import rounds, targets, works
from benchmarks.yardstick.figures import Figures
from benchmarks.yardstick.pictures import Bar, Dots, bars, dot_plot
from benchmarks.yardstick.publishing import picture_of_costs, publish
from benchmarks.yardstick.rounds import Slice
from benchmarks.yardstick.tables import table_of_costs, table_of_growth
from benchmarks.yardstick.watching import kind_of

WORKS = (
    "get",
    "find",
    "cursor",
    "deep",
    "email",
    "family",
    "patch",
    "put",
    "post",
    "delete",
    "group",
)


@pytest.mark.once
def test_compare_measures_every_work_on_all_targets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "SPARE", 4)
    monkeypatch.setattr(rounds, "WARM", 2)
    size = ["--people", "300", "--rounds", "1", "--seconds", "0"]
    names = [*WORKS, "add-100", "remove-100", "head-100"]

    compare.main([*size, "--works", *names, "--folder", str(tmp_path / "kept")])

    printed = capsys.readouterr().out
    rows = {line[:30].strip(): line[30:].split() for line in printed.splitlines()}
    for work in compare.WORKS:
        if work.name in names:
            drf, ours = rows[work.label][:2]
            assert float(drf) > 0
            assert float(ours) > 0
    assert "refused" not in printed


def costs(target: str, size: int, *figures: float) -> list[Slice]:
    return [
        Slice("get", target, size, number, requests=1, application=cost)
        for number, cost in enumerate(figures)
    ]


def test_costs_are_multiples_of_the_floor_in_the_same_round() -> None:
    slices = costs("floor", 1000, 1.0, 10.0, 1.0) + costs("ours", 1000, 2.0, 30.0, 4.0)

    head, rows = table_of_costs(Figures(slices, compare.WORKS), 1000)

    assert dict(zip(head, rows[0], strict=True)) == {
        "work": "GET one user",
        "ours": "3.00",
        "spread of ours": "2.00 to 4.00",
        "goal": "1.9 !",
        "ms floor": "1000.00 + 0.00",
        "ms ours": "4000.00 + 0.00",
    }


def test_row_in_which_another_package_is_ahead_is_marked() -> None:
    slices = costs("floor", 1000, 1.0) + costs("ours", 1000, 3.0)

    def shown(cost: float) -> tuple[str, list[str]]:
        figures = Figures([*slices, *costs("django-scim2", 1000, cost)], compare.WORKS)
        head, rows = table_of_costs(figures, 1000)
        return rows[0][head.index("django-scim2")], figures.behind(1000)

    assert shown(2.0) == (
        "2.00 <",
        ["Another package is ahead in 1 rows: GET one user (django-scim2)"],
    )
    assert shown(4.0) == ("4.00", ["No other package is ahead in any row."])


def test_other_packages_have_a_column_where_they_were_measured() -> None:
    slices = [
        each
        for target, sizes in (("floor", (1, 2)), ("ours", (1, 2)), ("django-scim2", (1,)))
        for size in sizes
        for each in costs(target, size, 1.0)
    ]
    figures = Figures(slices, compare.WORKS)

    assert table_of_costs(figures, 1)[0][1:3] == ["ours", "django-scim2"]
    assert "django-scim2" not in table_of_costs(figures, 2)[0]
    assert "django-scim2" not in picture_of_costs(figures, "t", 2)
    assert (len(figures.behind(1)), figures.behind(2)) == (1, [])


def test_other_packages_are_started_at_the_smallest_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    @contextmanager
    def served(place: targets.Place, kind: targets.Kind, size: int) -> Iterator[Any]:
        started.append((kind.name, size))
        yield targets.Target(kind.name, size, Mock(), [], {}, [], [])

    monkeypatch.setattr(targets, "_served", served)
    with targets.running(targets.Place(Mock(), tmp_path), ["ours", "django-scim2"], [1, 2]):
        pass

    assert started == [("ours", 1), ("django-scim2", 1), ("ours", 2)]


def test_ids_that_came_of_a_bulk_are_read_without_decoding_it() -> None:
    made = b'{"method":"POST","status":"%s","bulkId":"1","location":"http://x/v2/Users/%s"}'
    answer = b'{"Operations":[' + b",".join([made % (b"201", b"a"), made % (b"201", b"b")]) + b"]}"

    assert imports._ids_of(answer) == b"a b"
    refused = answer.replace(b"201", b"409", 1)
    assert imports._ids_of(refused) == imports.REFUSED + refused
    assert imports._id_of(b'{"id":"a","x":"b"}') == imports._id_of(b'{"x":"b","id":"a"}') == b"a"


def test_growth_is_the_cost_at_the_smallest_size_in_the_same_round() -> None:
    slices = costs("ours", 1000, 1.0, 2.0, 1.0) + costs("ours", 100_000, 1.1, 2.2, 1.4)

    head, rows = table_of_growth(Figures(slices, compare.WORKS))

    assert head == ["work", "100,000", "goal"]
    assert rows == [["GET one user", "1.10", "1.2"]]


@pytest.mark.once
def test_import_brings_people_in_one_by_one_and_by_bulk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    way = ["--clients", "2", "--bulk-clients", "1", "--operations", "10"]
    size = ["--database", "sqlite", "--people", "20", "--groups", "2"]

    imports.main([*size, *way, "--folder", str(tmp_path), "--write", str(tmp_path / "written")])

    printed = capsys.readouterr().out
    assert "SQLite, 20 people, 2 groups, 2 workers" in printed
    assert "2 clients" in printed
    assert "Bulk of 10, 1 client" in printed
    assert "of the CPU of a single request." in printed
    page = (tmp_path / "written" / "import-sqlite.inc").read_text()
    assert ".. image:: written/import-sqlite.svg" in page


def test_process_that_has_ended_is_counted_as_what_it_was() -> None:
    runs = "import sys; print(flush=True); sys.stdin.read()"
    command, pipe = [sys.executable, "-c", runs], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        alive = kind_of(process.pid, ())
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

        assert alive.startswith("python")
        assert kind_of(process.pid, (), alive) == alive
        assert kind_of(process.pid, ()) == "ended"
    assert kind_of(process.pid, (), alive) == alive


def test_a_page_of_a_run_shows_its_tables_and_pictures(tmp_path: Path) -> None:
    slices = [
        each
        for target, cost in (("floor", 1.0), ("ours", 2.0), ("django-scim2", 30.0))
        for size in (1000, 100_000)
        for each in costs(target, size, cost)
    ]

    publish(Figures(slices, compare.WORKS), "sqlite", "SQLite", "3 rounds", tmp_path / "out")

    page = (tmp_path / "out" / "sqlite.inc").read_text()
    shown = [line.partition("::")[2].strip() for line in page.splitlines() if "image" in line]
    assert shown == [f"out/sqlite-{part}.svg" for part in ("1000", "100000", "growth")]
    assert "GET one user" in page
    for name in shown:
        picture = ElementTree.fromstring((tmp_path / name).read_text())
        assert int(picture.attrib["width"]) <= 390
        texts = [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
        assert "GET one user" in texts


def test_dots_lie_by_the_logarithm_of_their_values() -> None:
    rows = [Dots("a", {"ours": value}) for value in (1, 10, 100)]

    picture = ElementTree.fromstring(dot_plot("t", ["ours"], rows))

    # The first circle is that of the legend.
    dots = list(picture.iter("{http://www.w3.org/2000/svg}circle"))[1:]
    first, second, third = (float(dot.attrib["cx"]) for dot in dots)
    assert second - first == pytest.approx(third - second, abs=0.2)
    assert second - first > 100


def test_bars_are_as_long_as_their_parts() -> None:
    rows = [Bar("1 client", {"application": 3.0, "database": 1.0}), Bar("4", {"application": 2.0})]

    picture = ElementTree.fromstring(bars("t", ["application", "database"], rows))

    drawn = list(picture.iter("{http://www.w3.org/2000/svg}rect"))
    widths = [float(bar.attrib["width"]) for bar in drawn if bar.attrib.get("height") == "11"]
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.2)
    assert widths[2] == pytest.approx(2 * widths[1], abs=0.2)


@pytest.mark.once
def test_every_page_of_the_console_is_measured() -> None:
    size = ["--connections", "3", "--people", "60", "--events", "50", "--again", "1"]
    command = [sys.executable, "-m", "benchmarks", "pages", "--database", "sqlite", *size]

    done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=ROOT)

    assert done.returncode == 0, done.stderr
    rows = {line[:52].strip(): line[52:].split() for line in done.stdout.splitlines()}
    assert rows.keys() >= {"providerconnection_health", "events ?outcome__exact=refused"}
    assert all(row[0] in {"200", "302", "403", "404"} for row in list(rows.values())[1:])
    assert sum(name.startswith("portal") and row[0] == "200" for name, row in rows.items()) >= 16


@pytest.mark.once
def test_round_trips_count_what_requests_send() -> None:
    counted = {kind: _counted_requests(kind) for kind in ("written", "portable")}

    sent = {
        kind: {name: told["sent"] for name, told in found["works"].items()}
        for kind, found in counted.items()
    }
    assert sent["written"]["Read a user"] == 2
    assert all(number <= sent["portable"][name] for name, number in sent["written"].items())
    assert [found["contention"]["answers"] for found in counted.values()] == [{"200": 80}] * 2


def _counted_requests(kind: str) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.counted_requests", kind, "101", "110", "1"],
        env={
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "tests.plain_settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found
