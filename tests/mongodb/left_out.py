"""What has nothing to do on MongoDB, by the reason, as ``tests.portable.left_out`` has it."""

from __future__ import annotations

ON_MONGODB: dict[str, dict[str, tuple[str, ...]]] = {
    "packages that do not run there: django-organizations": {
        "tests/drift/test_memberships.py": (
            "test_members_as_they_were_provisioned_do_not_differ[Package]",
            "test_missing_membership_is_told_and_added_where_that_is_asked_for[Package]",
            "test_membership_that_nobody_vouches_for_is_ended[Package]",
            "test_last_owner_is_told_as_protected[Package]",
        ),
        "tests/previews/test_organization_choices.py": (
            "test_organizations_of_the_package_are_found",
        ),
    },
    "keys that are numbers": {
        "tests/drift/test_difference_words.py": ("test_django_groups_have_their_names",),
    },
    "what a test does in a transaction of Django's and undoes, which does nothing there": {
        "tests/console/test_permission_matrix.py": (
            "test_superusers_open_all_but_what_nobody_does",
        ),
        "tests/drift/test_users.py": ("test_each_repair_is_told_by_events_and_signals",),
        "tests/overview/test_tallies.py": (
            "test_database_that_takes_no_writes_is_counted_all_the_same",
        ),
    },
    "who waits for a lock: nobody waits there, but begins again or is told": {
        "tests/recorder/test_replay_at_once.py": ("",),
    },
    "how many statements there are": {
        "tests/health/test_facts.py": (
            "test_queries_are_the_same_for_any_number_of_rows",
            "test_summaries_take_the_same_queries_for_any_number_of_connections",
        ),
        "tests/health/test_glances.py": ("test_glances_take_the_same_statements_for_any_number",),
        "tests/test_admin_lists.py": (
            "test_list_takes_the_same_queries_whatever_its_length[staff-ProviderConnection]",
        ),
        "tests/overview/test_tallies.py": (
            "test_days_are_counted_without_a_sort_of_all_events",
            "test_failures_are_looked_for_on_the_days_that_have_the_latest",
            "test_reading_takes_two_statements_and_counting_what_is_missing_few_more",
        ),
        "tests/recorder/test_recording.py": (
            "test_it_costs_one_statement_and_nothing_when_it_is_off",
        ),
    },
}
"""The beginnings of their names, by their files."""
