"""In which order things are done that need each other, such as the operations of a bulk request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush


def ordered(needs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the numbers 0 to n-1, none before those that it needs, the lowest first.

    ``needs[n]`` are the numbers that ``n`` needs. Those that need each other in a circle come
    together, where the lowest of them would; all others alone. It takes as many steps as there are
    numbers and needs (Kahn's algorithm over the circles that Tarjan's finds).
    """
    # Linear in operations and references: a chain in reverse order, which any client can write,
    # would take the square of its length where each round looks for what can be done next.
    circles = [sorted(circle) for circle in _circles(needs)]
    place = {number: index for index, circle in enumerate(circles) for number in circle}
    missing = [0] * len(circles)
    followers: list[list[int]] = [[] for _ in circles]
    for number, needed in enumerate(needs):
        for other in needed:
            if place[other] != place[number]:
                missing[place[number]] += 1
                followers[place[other]].append(place[number])
    # By the lowest number, so that the order of the request stays wherever no reference changes it.
    ready = [(circle[0], index) for index, circle in enumerate(circles) if not missing[index]]
    heapify(ready)
    found = []
    while ready:
        _, done = heappop(ready)
        found.append(circles[done])
        for index in followers[done]:
            missing[index] -= 1
            if not missing[index]:
                heappush(ready, (circles[index][0], index))
    return found


def _circles(needs: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the strongly connected components, without recursion: a chain may be long."""
    reached: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_: list[int] = []
    is_open = [False] * len(needs)
    for start in range(len(needs)):
        if start in reached:
            continue
        path = [(start, iter(needs[start]))]
        reached[start] = lowest[start] = len(reached)
        open_.append(start)
        is_open[start] = True
        while path:
            number, left = path[-1]
            for other in left:
                if other not in reached:
                    reached[other] = lowest[other] = len(reached)
                    open_.append(other)
                    is_open[other] = True
                    path.append((other, iter(needs[other])))
                    break
                if is_open[other]:
                    lowest[number] = min(lowest[number], reached[other])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[number])
                if lowest[number] == reached[number]:
                    circle = []
                    while is_open[number]:
                        circle.append(open_.pop())
                        is_open[circle[-1]] = False
                    yield circle
