"""What ``--strict-portable`` leaves out: tests of how many statements there are.

The portable way reads keys first, and each level of groups in groups by a query of its own.
"""

from __future__ import annotations

import pytest

LEFT_OUT = {
    "tests/rest/test_group_shapes.py": ("test_poll_without_members_reads_none",),
    # SQLite, by its own vendor, lets what a request does not depend on wait for nobody.
    "tests/rest/test_outages.py": ("test_sqlite_that_is_locked_is_waited_for_once",),
    "tests/test_member_filters.py": (
        "test_names_cost_what_they_remove_whatever_the_size",
        "test_operation_on_each_member_leaves_alone_the_roles_of_all",
        "test_single_operations_on_many_members_take_the_statements_of_one",
    ),
    "tests/test_nested_groups.py": (
        "test_nesting_by_patch_takes_the_same_at_any_depth",
        "test_roles_take_the_same_at_any_depth_and_number_of_mappings",
    ),
    "tests/test_root_search.py": ("test_groups_of_users_take_the_same_queries",),
}
"""The beginnings of their names, by their files."""


def is_left_out(nodeid: str) -> bool:
    """Tell whether a test has nothing to do on the portable way."""
    file, _, name = nodeid.partition("::")
    return name.startswith(LEFT_OUT.get(file, ()))


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect such tests."""
    config.hook.pytest_deselected(items=[item for item in items if is_left_out(item.nodeid)])
    items[:] = [item for item in items if not is_left_out(item.nodeid)]
