"""What the system that this app ports promises, line by line, and the tests that hold us to it.

The source is the README of Better Auth's SCIM plugin for Ruby (gem ``better_auth-scim``); the lines
are counted from its title, and each promise is told in our words. ``test_index.py`` sees to it that
every test named here exists.
"""

from __future__ import annotations

from typing import NamedTuple


class Promise(NamedTuple):
    """One promise; ``tests`` are ``module::function`` below ``tests``."""

    lines: str
    promise: str
    tests: tuple[str, ...]


INDEX = (
    Promise(
        "1-3",
        "Identity platforms create, update, deactivate and list users; it is no log-in, and needs "
        "no single sign-on.",
        (
            "seed.test_seed::test_identity_platform_creates_updates_deactivates_lists_and_deletes",
            "seed.test_seed::test_provisioning_is_no_log_in",
        ),
    ),
    Promise(
        "4-12",
        "It is added to a project by naming it once.",
        ("seed.test_databases::test_fresh_project_works_on_a_new_database",),
    ),
    Promise(
        "13-14",
        "Fifteen operations: tokens, connections, users, metadata.",
        (
            "management.test_functions::test_all_fifteen_are_there",
            "management.test_functions::test_users_are_handled_as_over_http",
            "management.test_functions::test_connections_are_those_of_the_person",
            "management.test_functions::test_metadata_is_what_discovery_shows",
            "seed.test_seed::test_each_of_the_fifteen_answers_over_http",
        ),
    ),
    Promise(
        "15",
        "Six options have these names: how tokens are stored, default connections, ownership, "
        "the role, and the two hooks.",
        (
            "seed.test_seed::test_options_have_their_names",
            "seed.test_seed::test_connection_from_the_settings_needs_no_row",
            "management.test_refusals::test_role_decides",
            "management.test_refusals::test_role_can_be_another_one",
            "test_token_service::test_two_signals_carry_the_token_and_who_asked_for_it",
            "management.test_refusals::test_veto_leaves_the_earlier_token_alive",
        ),
    ),
    Promise(
        "16-17",
        "Tokens are hashed unless the project says otherwise, so none is stored in plain text.",
        (
            "seed.test_seed::test_tokens_are_hashed_by_default",
            "test_tokens::test_stored_secret_verifies",
        ),
    ),
    Promise(
        "18-20",
        "Ownership is on by default: a personal connection is managed by whoever generated its "
        "token.",
        (
            "seed.test_seed::test_personal_connection_belongs_to_whoever_generated_its_token",
            "management.test_refusals::test_connection_of_somebody_else_is_403",
            "management.test_refusals::test_connection_without_an_owner_is_closed_to_all",
            "management.test_tenants::test_management_knows_nothing_of_another_tenant",
        ),
    ),
    Promise(
        "20-23",
        "Switched off, connections without owner and organization are shared by all who are "
        "signed in, which is only for people who trust each other.",
        (
            "management.test_refusals::"
            "test_connection_without_an_owner_is_shared_where_ownership_is_off",
            "test_checks::test_deployment_is_warned",
        ),
    ),
    Promise(
        "24-25",
        "The token of an organization holds the organization; without that part it is worth "
        "nothing.",
        ("seed.test_seed::test_token_of_an_organization_needs_its_last_part",),
    ),
    Promise(
        "26-27",
        "Deleting a user unlinks the account of this connection first; the user goes only when no "
        "other account is left.",
        (
            "lifecycle.test_deletion::test_last_account_takes_the_user_with_it",
            "lifecycle.test_deletion::test_user_with_another_way_to_log_in_is_closed_and_kept",
            "lifecycle.test_deletion::test_nothing_is_half_done_when_a_step_fails",
        ),
    ),
    Promise(
        "28-29",
        "The version and the description of the client's side can be read.",
        ("management.test_functions::test_client_is_described",),
    ),
    Promise(
        "30-31",
        "The routes of the protocol are hidden from OpenAPI; those for people are in it.",
        ("management.test_openapi::test_it_holds_the_management_routes_and_no_other",),
    ),
    Promise(
        "32-33",
        "Provider and account id are unique together; here the migrations see to it.",
        (
            "seed.test_seed::test_migrations_make_provider_and_account_id_unique_together",
            "test_concurrency::test_one_of_equal_creates_succeeds",
        ),
    ),
    Promise(
        "34-36",
        "Limits on requests are tested on memory, a custom store, a second store and the database.",
        ("test_throttling",),
    ),
    Promise(
        "36",
        "The suite runs on SQLite, and a smoke test on a fresh database.",
        ("seed.test_databases::test_fresh_project_works_on_a_new_database",),
    ),
    Promise(
        "37-41",
        "PostgreSQL and MySQL run the whole suite where they answer; SQL Server and MongoDB a "
        "smoke test where their URL is given.",
        ("seed.test_databases::test_other_database_works_where_its_url_is_given",),
    ),
)
