"""Fills a connection with users, in bulk, in the form that provisioning would have stored.

    python -m benchmarks.load CONNECTION USERS

prints a token for it.
"""

from __future__ import annotations

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - models need the set-up above

from benchmarks.people import person  # noqa: E402
from benchmarks.seed import BATCH, insert_people  # noqa: E402
from django_scim_provider.models import LinkedAccount  # noqa: E402
from django_scim_provider.tokens.service import generate_scim_token  # noqa: E402


def load(provider_id: str, users: int, *, first: int = 0, using: str = "default") -> None:
    """Bring the connection to that many users, numbered from ``first``; those that it has stay."""
    have = LinkedAccount.objects.using(using).of(provider_id).count()
    for start in range(have, users, BATCH):
        end = min(start + BATCH, users)
        people = [person(number) for number in range(first + start, first + end)]
        insert_people(provider_id, people, using=using)


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    token = generate_scim_token(sys.argv[1])[1]
    load(sys.argv[1], int(sys.argv[2]))
    sys.stdout.write(token)
