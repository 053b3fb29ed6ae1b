"""What ``--strict-portable`` leaves out, by the reason: there is nothing to see on that way.

What is left out on MongoDB itself is in ``tests.mongodb.left_out``.
"""

from __future__ import annotations

import pytest

ALL = ("",)

LeftOut = dict[str, dict[str, tuple[str, ...]]]
LEFT_OUT: LeftOut = {
    "how many statements there are: keys are read first, and each table or level by a query": {
        "tests/characteristics/test_unique_at_once.py": (
            "test_values_cost_one_statement_and_nothing_where_there_are_none",
        ),
        "tests/events/test_bulk_events.py": ("test_events_of_many_operations_take_few_statements",),
        "tests/health/test_facts.py": (
            "test_queries_are_the_same_for_any_number_of_rows",
            "test_summaries_take_the_same_queries_for_any_number_of_connections",
        ),
        "tests/health/test_glances.py": ("test_glances_take_the_same_statements_for_any_number",),
        "tests/overview/test_tallies.py": (
            "test_days_are_counted_without_a_sort_of_all_events",
            "test_reading_takes_two_statements_and_counting_what_is_missing_few_more",
        ),
        "tests/recorder/test_recording.py": (
            "test_it_costs_one_statement_and_nothing_when_it_is_off",
        ),
        "tests/rest/test_group_shapes.py": ("test_poll_without_members_reads_none",),
        "tests/roles_of_people/test_upkeep.py": (
            "test_many_people_cost_a_fixed_number_of_statements_more",
        ),
        "tests/storage/test_members_replaced.py": ("test_same_members_write_nothing",),
        "tests/storage/test_time_limits.py": (
            "test_limit_costs_statements_only_where_the_database_needs_them",
        ),
        "tests/test_admin_lists.py": (
            "test_list_takes_the_same_queries_whatever_its_length[staff-ProviderConnection]",
        ),
        "tests/test_bulk_limits.py": ("test_operation_takes_fewer_statements_than_the_request",),
        "tests/test_bulk_together.py": (
            "test_a_further_person_costs_the_statement_that_saves_the_user",
        ),
        "tests/test_call_budgets.py": (
            "test_empty_documents_of_a_token_are_not_decoded",
            "test_read_asks_for_its_connection_few_times",
        ),
        "tests/test_large_groups.py": (
            "test_all_are_replaced_in_few_statements",
            "test_changes_take_as_many_statements_in_any_size",
        ),
        "tests/test_member_filters.py": (
            "test_names_cost_what_they_remove_whatever_the_size",
            "test_operation_on_each_member_leaves_alone_the_roles_of_all",
            "test_single_operations_on_many_members_take_the_statements_of_one",
        ),
        "tests/test_nested_groups.py": (
            "test_nesting_by_patch_takes_the_same_at_any_depth",
            "test_roles_take_the_same_at_any_depth_and_number_of_mappings",
        ),
        "tests/lifecycle/test_inactive_organizations.py": (
            "test_one_query_more_and_for_organizations_only",
        ),
        "tests/lifecycle/test_shared_addresses.py": (
            "test_new_address_takes_no_statement_more_than_before",
        ),
        "tests/lifecycle/test_users_deleted_at_once.py": (
            "test_plain_project_takes_few_statements",
        ),
        "tests/test_query_budgets.py": ALL,
        "tests/test_root_cursors.py": ("test_later_pages_ask_what_they_show_and_what_follows",),
        "tests/test_root_search.py": ("test_groups_of_users_take_the_same_queries",),
        "tests/test_throttling.py": ("test_refused_change_leaves_no_event",),
        "tests/test_throttling_windows.py": ("test_counting_takes_no_query",),
        "tests/test_token_verifiers.py": (
            "test_tokens_of_the_app_work_beside_those_of_another_issuer",
        ),
        "tests/test_write_budgets.py": (
            "test_activation_asks_for_roles_with_the_write",
            "test_writes_take_few_statements",
        ),
    },
    "statements, triggers and indexes that are written for SQLite, PostgreSQL, MySQL and MariaDB": {
        "tests/doctor/test_indexes.py": (
            "test_attributes_without_an_index_are_a_warning",
            "test_database_that_does_not_know_the_token_says_nothing",
        ),
        "tests/failures/test_ending.py": ("test_success_costs_nothing_where_nothing_is_open",),
        "tests/failures/test_recording.py": ("test_failure_takes_one_statement_beside_its_event",),
        "tests/indexes/test_attribute_commands.py": ALL,
        "tests/indexes/test_attributes.py": ALL,
        "tests/indexes/test_command.py": ALL,
        "tests/indexes/test_forms.py": ALL,
        "tests/indexes/test_telling.py": ALL,
        "tests/indexes/test_text_parts.py": ALL,
        "tests/lifecycle/test_deletion_statements.py": (
            "test_lock_reads_groups_for_who_tells_them",
        ),
        "tests/overview/test_tallies.py": (
            "test_failures_are_looked_for_on_the_days_that_have_the_latest",
        ),
        "tests/storage/test_compiled_once.py": ALL,
        "tests/storage/test_counters.py": (
            "test_groups_are_counted_apart",
            "test_row_that_is_handed_over_is_counted_where_it_is",
            "test_what_comes_and_goes_is_counted",
            "test_what_is_rolled_back_is_not_counted",
        ),
        "tests/storage/test_filters_kept_by_shape.py": ALL,
        "tests/storage/test_groups_in_rows.py": ALL,
        "tests/storage/test_large_pages.py": ("test_long_texts_do_not_come_with_their_page",),
        "tests/storage/test_moments_as_numbers.py": ("test_instance_has_what_the_orm_reads",),
        "tests/storage/test_saving_users.py": (
            "test_each_is_one_statement_that_was_compiled_before",
        ),
        "tests/storage/test_vendors.py": (
            "test_a_vendor_is_added_by_its_class",
            "test_class_is_that_of_the_server",
            "test_write_lock_of_sqlite_follows_the_mode",
        ),
        "tests/storage/test_writes_as_one.py": (
            "test_next_statement_answers_for_itself",
            "test_writes_and_questions_are_one_statement",
        ),
        "tests/test_bulk_together.py": ("test_vendor_writes_the_rows_of_all_at_once",),
        "tests/test_resource_columns.py": ("test_filter_over_http_asks_the_column",),
    },
    "a part that is undone alone, or a transaction of the host's: MongoDB has neither": {
        "tests/events/test_bulk_events.py": ("test_request_that_fails_as_a_whole",),
        "tests/lifecycle/test_stored_by_others.py": ALL,
        "tests/recorder/test_recorder_page.py": (
            "test_trying_again_waits_for_no_transaction_of_its_own_request",
        ),
        "tests/runs/test_performing.py": ("test_simulator_works_under_atomic_requests",),
        "tests/storage/test_transactions.py": (
            "test_nothing_else_is_tried_again[mysql-unique]",
            "test_nothing_else_is_tried_again[postgresql-unique]",
            "test_nothing_else_is_tried_again[without-a-code1]",
            "test_nothing_is_tried_again_inside_a_transaction_of_the_host",
            "test_what_is_written_aside_fails_by_itself",
        ),
        "tests/test_bulk_together.py": (
            "test_what_fails_while_users_are_saved_undoes_that_person_alone",
        ),
    },
    "a deadlock of what a list of the admin reads: it is read in no transaction there": {
        "tests/storage/test_every_write_is_tried_again.py": (
            "test_deadlock_at_any_statement_leaves_what_would_be_without[unlink-in-the-admin]",
        ),
    },
    "SQL of the project's own, whose members() is a raw query": {
        "tests/tenancy/test_foreign_members.py": (
            "test_who_joins_and_leaves_is_seen_at_once[Raw]",
            "test_who_left_is_found_by_no_filter_on_groups[Raw]",
        ),
    },
    "forms of the project's own members() that MongoDB has none of, and subqueries": {
        "tests/portable/test_narrowed_members.py": (
            "test_nobody_becomes_a_member_by_being_asked_for",
            "test_many_values_are_not_joined_with_themselves",
        ),
    },
    "where a fault of an adapter stands, as the watch does; nothing is tried after a refusal": {
        "tests/selfcheck/test_faults.py": (
            "test_adapter[8]",
            "test_what_may_be_meant_is_a_warning",
        ),
    },
    "the mode itself, which these switch on, or rules of SQL Server": {
        "tests/portable/test_padded_texts.py": (
            "test_id_with_a_blank_names_nobody",
            "test_name_that_differs_by_a_blank_is_taken",
        ),
        "tests/portable/test_strict_frames.py": (
            "test_mechanism_alone_is_named_itself",
            "test_who_uses_a_mechanism_is_named",
        ),
        "tests/portable/test_strict_queries.py": (
            "test_query_is_forbidden[conflicts]",
            "test_query_is_forbidden[ignore]",
        ),
        "tests/portable/test_strict_transactions.py": (
            "test_what_only_a_check_refuses_is_forbidden",
        ),
    },
    "how SQLite, by its own vendor, waits for its lock": {
        "tests/failures/test_waiting_to_be_written.py": ("test_what_nobody_looks_for_does_not",),
        "tests/rest/test_outages.py": ("test_sqlite_that_is_locked_is_waited_for_once",),
    },
}
"""The beginnings of their names, by their files."""


def is_left_out(item: pytest.Item, left_out: LeftOut) -> bool:
    """Tell whether a test has nothing to do on the portable way, also where it is run again.

    ``tests.imported_ids`` and others run what other files define.
    """
    file, _, name = item.nodeid.partition("::")
    if isinstance(item, pytest.Function):
        file = f"{item.function.__module__.replace('.', '/')}.py"
    return any(name.startswith(files.get(file, ())) for files in left_out.values())


def leave_out(config: pytest.Config, items: list[pytest.Item], left_out: LeftOut) -> None:
    """Deselect such tests."""
    config.hook.pytest_deselected(items=[item for item in items if is_left_out(item, left_out)])
    items[:] = [item for item in items if not is_left_out(item, left_out)]
