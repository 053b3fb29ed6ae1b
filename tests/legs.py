"""Which tests a run of the whole check needs only once, by their paths.

Plain ``pytest`` runs everything. ``.ci/run`` leaves out what the marker says where it says so.
"""

from __future__ import annotations

ONCE = (
    "tests/attribute_map/",
    "tests/browser/",
    "tests/characteristics/test_mutability.py",
    "tests/characteristics/test_profiles.py",
    "tests/characteristics/test_required.py",
    "tests/characteristics/test_returned.py",
    "tests/core/test_long_texts.py",
    "tests/core/test_patch_costs.py",
    "tests/doctor/",
    "tests/documentation/",
    "tests/judges/",
    "tests/kit/test_fixtures.py",
    "tests/observability/test_documented_logging.py",
    "tests/portable/test_option.py",
    "tests/portable/test_strict_frames.py",
    "tests/portable/test_strict_queries.py",
    "tests/portable/test_strict_transactions.py",
    "tests/hosts/test_moving_in.py",
    "tests/naming/test_keys_on_every_verb.py",
    "tests/naming/test_spellings.py",
    "tests/projects/",
    "tests/seed/test_databases.py",
    "tests/seed/test_index.py",
    "tests/selfcheck/test_faults.py",
    "tests/simulator/",
    "tests/test_benchmarks.py",
    "tests/test_docs.py",
    "tests/test_example_project.py",
    "tests/test_large_answers.py",
    "tests/test_translations.py",
    "tests/test_worst_inputs.py",
    "tests/tools/",
)
"""Neither the database nor a version decides about these."""

ONCE_PER_DATABASE = (
    "tests/characteristics/test_unique_at_once.py",
    "tests/events/test_event_export.py",
    "tests/hosts/",
    "tests/indexes/",
    "tests/lifecycle/test_killed_deactivation.py",
    "tests/rest/test_odd_values.py",
    "tests/storage/test_compiled_once.py",
    "tests/storage/test_every_write_is_tried_again.py",
    "tests/storage/test_lock_order.py",
    "tests/storage/test_lookups_against_evaluator.py",
    "tests/storage/test_plain_lists_against_evaluator.py",
    "tests/storage/test_time_limits.py",
    "tests/test_concurrency.py",
    "tests/test_large_groups.py",
    "tests/test_nesting_at_once.py",
    "tests/test_role_replay.py",
    "tests/webhooks/test_killed_senders.py",
)
"""The database decides about these, a version does not; each of them is slow."""


def marker_of(nodeid: str) -> str | None:
    """Return the name of the marker that the test has by its path."""
    if nodeid.startswith(ONCE):
        return "once"
    return "once_per_database" if nodeid.startswith(ONCE_PER_DATABASE) else None
