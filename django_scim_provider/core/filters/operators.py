"""The comparison operators of filters (RFC 7644 section 3.4.2.2, Table 3): one table for all."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

Operator = Literal["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]
OPERATORS: frozenset[str] = frozenset(get_args(Operator))
OF_PARTS = frozenset({"co", "sw", "ew"})
"""Those that look at a part of a text."""
OF_ORDER = frozenset({"gt", "ge", "lt", "le"})

SQL_SIGNS: Mapping[str, str] = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
"""``ne`` has none: its SQL is that of ``eq`` turned round, which is true for NULL as well."""

# Python and SQL have to agree on each, value by value: the tests compare the two on random trees.
TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "co": operator.contains,
    "sw": str.startswith,
    "ew": str.endswith,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
"""Called with the value that is held and the one that is asked for, both folded."""
