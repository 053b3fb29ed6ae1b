"""Fail where less than 95 % of the lines or 93 % of the branches of the package are covered.

What runs in processes of its own, such as the projects of the tests, is not measured: that would
take the whole check much longer.

Usage: coverage_gate.py REPORT.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

LEAST = {"lines": 95.0, "branches": 93.0}


def main(report: str) -> int:
    """Print both shares; the exit code tells whether they are enough."""
    totals = json.loads(Path(report).read_text())["totals"]
    shares = {
        "lines": 100 * totals["covered_lines"] / totals["num_statements"],
        "branches": 100 * totals["covered_branches"] / totals["num_branches"],
    }
    for name, share in shares.items():
        print(f"{name}: {share:.1f} % covered, at least {LEAST[name]} % wanted")
    return 0 if all(share >= LEAST[name] for name, share in shares.items()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
