from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import compare
from benchmarks.yardstick import rounds, works
from benchmarks.yardstick.figures import Figures
from benchmarks.yardstick.rounds import Slice
from benchmarks.yardstick.tables import table_of_costs, table_of_growth

WORKS = ("get", "find", "cursor", "email", "family", "patch", "put", "post", "delete", "group")


@pytest.mark.once
def test_compare_measures_every_work_on_all_targets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works, "SPARE", 4)
    monkeypatch.setattr(rounds, "WARM", 2)
    size = ["--people", "300", "--rounds", "1", "--seconds", "0.02"]
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


def test_growth_is_the_cost_at_the_smallest_size_in_the_same_round() -> None:
    slices = costs("ours", 1000, 1.0, 2.0, 1.0) + costs("ours", 100_000, 1.1, 2.2, 1.4)

    head, rows = table_of_growth(Figures(slices, compare.WORKS))

    assert head == ["work", "100,000", "goal"]
    assert rows == [["GET one user", "1.10", "1.2"]]
