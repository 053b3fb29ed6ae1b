"""Why a piece is not run. Whoever adds one that could be run, runs it."""

from __future__ import annotations

SERVER = "configuration of a server that the suite does not have"
STAYS = "a server that stays, with more processes"
ITSELF = "what runs this very test"
MACHINE = "changes the machine: makes an environment, or hooks of the repository"
OLD_PACKAGE = "needs the tables of the old package: tests/hosts/test_moving_in.py runs it"

NOT_RUN = {
    ("README.rst", "python example_project/manage.py demo"): (
        "a server that stays: tests/test_example_project.py runs it"
    ),
    ("README.rst", "python -m pytest"): ITSELF,
    ("CONTRIBUTING.rst", "python -m venv .venv"): MACHINE,
    ("CONTRIBUTING.rst", ". .venv/bin/activate"): MACHINE,
    ("CONTRIBUTING.rst", "pre-commit install"): MACHINE,
    ("CONTRIBUTING.rst", "python -m pytest"): ITSELF,
    (
        "docs/explanation/performance.rst",
        "MALLOC_TRIM_THRESHOLD_=1048576 MALLOC_MMAP_THRESHOLD_=1048576 gunicorn --threads 4 ...",
    ): STAYS,
    (
        "docs/how-to/move-from-django-scim2.rst",
        "python manage.py scim_import_django_scim2 corp-okta --dry-run --report moving.csv",
    ): OLD_PACKAGE,
    (
        "docs/how-to/move-from-django-scim2.rst",
        "python manage.py scim_import_django_scim2 corp-okta --report moving.csv",
    ): OLD_PACKAGE,
    (
        "docs/how-to/use-mongodb-or-sql-server.rst",
        "python manage.py makemigrations admin auth contenttypes",
    ): "needs MongoDB's backend: tests/mongodb/test_documented.py runs it",
    ("docs/how-to/observe.rst", "proxy_set_header X-Request-ID $request_id;"): SERVER,
    ("docs/how-to/observe.rst", "# mod_unique_id and mod_headers"): SERVER,
}
"""By the page and the first line."""

SHOWN = {
    ("docs/explanation/decisions.rst", "BEGIN;"): "statements that count anew",
    (
        "docs/how-to/give-organizations-their-own-pages.rst",
        "body .scim-portal { --scim-accent: #7a1fa2; --scim-on-accent: #fff; --scim-font: Inter,"
        " sans-serif; }",
    ): "variables of the style sheet",
    (
        "docs/how-to/observe.rst",
        "SCIM users.patch /Users/0198c1c4-6f2e-7a53-9d0c-3f6f0a1b2c3d of acme: 200 in 11.3 ms"
        " (request 5f1d…)",
    ): "line of a request",
    ("docs/how-to/receive-webhooks.rst", "POST /scim HTTP/1.1"): "message of a webhook",
    (
        "docs/how-to/test-your-project.rst",
        "failed  users [generic]: a user, from creation to deletion",
    ): "faults that the check prints",
}
"""What ``test_shown`` holds to what there is, likewise."""
