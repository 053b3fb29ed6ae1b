"""A page on runs with ``--portable-report FILE``: ``python -m tests.portable.summary FILE``."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.portable.constructs import Construct


def summary(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a page, by construct and by place."""
    places: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        met = json.loads(line)
        places[met["construct"], met["place"]].append(met)
    for construct in Construct:
        own = {place: met for (name, place), met in places.items() if name == construct.name}
        if not own:
            continue
        yield f"\n## {construct.name} ({len(own)})\n{construct.value}\n"
        for place in sorted(own):
            first, count = own[place][0], sum(met["count"] for met in own[place])
            yield f"- {place}: {first['detail']} ({count} times; {first['test']})"


if __name__ == "__main__":
    print("\n".join(summary(Path(sys.argv[1]).read_text().splitlines())))
