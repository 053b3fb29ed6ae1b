"""The worst request of each kind that we know, for a number of bytes.

Each takes a session, which prepares what the request needs, and the size, and returns the request.
What is refused costs as well: a refusal is an answer.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.sessions import Request, Session
from benchmarks.worst_inputs import bodies, groups, patches

KINDS: dict[str, Callable[[Session, int], Request]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        bodies.escaped_quotes_before_brackets,
        bodies.escaped_quotes_after_brackets,
        bodies.escaped_quotes_without_end,
        bodies.deep_nesting,
        bodies.nesting_within_the_limit,
        bodies.repeated_keys,
        bodies.keys_in_other_escapes,
        bodies.small_keys,
        bodies.small_objects,
        bodies.long_text,
        bodies.combining_marks,
        bodies.ligatures,
        bodies.certificate_of_blanks,
        bodies.values_of_an_attribute,
        bodies.big_extension,
        patches.patch_adds_emails,
        patches.patch_of_many_operations,
        patches.patch_of_long_operations,
        patches.patch_of_value_paths,
        patches.patch_of_long_value_paths,
        patches.patch_of_keys_with_value_paths,
        patches.patch_of_every_value,
        bodies.long_filter,
        bodies.long_list_of_attributes,
        groups.put_of_members,
        groups.patch_adds_members,
        groups.removes_members_by_display,
        groups.removes_one_member_by_display,
        groups.bulk_of_nested_groups,
        groups.bulk_of_nested_groups_reversed,
        groups.bulk_of_users,
        bodies.chunked_body,
        groups.list_of_large_users,
        groups.list_of_large_users_projected,
        groups.list_of_large_groups,
    )
}
PEOPLED = frozenset(
    name for name in KINDS if "member" in name or name in ("list-of-large-groups", "bulk-of-users")
)
"""The kinds that need users in the database."""
