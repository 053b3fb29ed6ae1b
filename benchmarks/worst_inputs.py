"""The worst request of each kind that we know, for a number of bytes.

Each takes a session, which prepares what the request needs, and the size, and returns the request.
What is refused costs as well: a refusal is an answer.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import worst_bodies, worst_groups, worst_patches
from benchmarks.sessions import Request, Session

KINDS: dict[str, Callable[[Session, int], Request]] = {
    make.__name__.replace("_", "-"): make
    for make in (
        worst_bodies.escaped_quotes_before_brackets,
        worst_bodies.escaped_quotes_after_brackets,
        worst_bodies.escaped_quotes_without_end,
        worst_bodies.deep_nesting,
        worst_bodies.nesting_within_the_limit,
        worst_bodies.repeated_keys,
        worst_bodies.keys_in_other_escapes,
        worst_bodies.small_keys,
        worst_bodies.small_objects,
        worst_bodies.long_text,
        worst_bodies.combining_marks,
        worst_bodies.ligatures,
        worst_bodies.certificate_of_blanks,
        worst_bodies.values_of_an_attribute,
        worst_bodies.big_extension,
        worst_patches.patch_adds_emails,
        worst_patches.patch_of_many_operations,
        worst_patches.patch_of_long_operations,
        worst_patches.patch_of_value_paths,
        worst_patches.patch_of_long_value_paths,
        worst_patches.patch_of_keys_with_value_paths,
        worst_patches.patch_of_every_value,
        worst_bodies.long_filter,
        worst_bodies.long_list_of_attributes,
        worst_groups.put_of_members,
        worst_groups.patch_adds_members,
        worst_groups.removes_members_by_display,
        worst_groups.removes_one_member_by_display,
        worst_groups.bulk_of_nested_groups,
        worst_groups.bulk_of_nested_groups_reversed,
        worst_groups.bulk_of_users,
        worst_bodies.chunked_body,
        worst_groups.list_of_large_users,
        worst_groups.list_of_large_users_projected,
        worst_groups.list_of_large_groups,
    )
}
PEOPLED = frozenset(
    name for name in KINDS if "member" in name or name in ("list-of-large-groups", "bulk-of-users")
)
"""The kinds that need users in the database."""
