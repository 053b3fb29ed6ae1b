"""``manage.py scim_link_users``: adopt users that exist into a connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.adoption import Adoption, adopt_users
from django_scim_provider.management.commands import find_connection, told
from django_scim_provider.models import ProviderConnection
from django_scim_provider.organizations import Members, get_organization_backend, member_keys
from django_scim_provider.registry import get_registry
from django_scim_provider.storage.sql.statements.by_orm import batched
from django_scim_provider.storage.sql.vendors import vendor_of


class Command(BaseCommand):
    """Says what it would do; with ``--commit`` it does it."""

    help = (
        "Give users that exist an account of a SCIM connection, so that its identity "
        "provider finds them instead of meeting 409. Staff and superusers are left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("provider_id", help="id of the connection")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "--members",
            action="store_true",
            help="the members of the connection's organization",
        )
        which.add_argument(
            "--email-domain", metavar="DOMAIN", help="users whose address is in this domain"
        )
        which.add_argument(
            "--queryset",
            metavar="PATH",
            help="dotted path of a function that returns a queryset of users",
        )
        parser.add_argument(
            "--manage-profile",
            action="store_true",
            help="let the identity provider write the names of these users",
        )
        parser.add_argument(
            "--trust-unverified",
            action="store_true",
            help="with --email-domain: also users with a password whose address nobody knows to be "
            "theirs",
        )
        parser.add_argument("--commit", action="store_true", help="do it; else only say what")

    def handle(self, *args: Any, **options: Any) -> None:
        """Adopt, or say what would be adopted.

        Raises:
            CommandError: there is no such connection, it is closed, or no users can be found that
                way.
        """
        connection = find_connection(options["provider_id"])
        users = self._users(connection, options)
        user_type = get_registry().by_name("User").resource_type
        done = Adoption()
        with told():
            for some in users:
                adopted = adopt_users(
                    connection,
                    some,
                    user_type,
                    commit=options["commit"],
                    manages_profile=options["manage_profile"],
                    trust_unverified=options["trust_unverified"] or options["email_domain"] is None,
                )
                done.add(adopted)
        verb = "Linked" if options["commit"] else "Would link"
        self.stdout.write(f"{verb} {done.linked} users; {done.already} are linked already.")
        for reason, number in sorted(done.refused.items()):
            self.stdout.write(f"Left out {number}: {reason}")
        if not options["commit"]:
            self.stdout.write("Nothing has changed; add --commit to do it.")

    def _users(
        self, connection: ProviderConnection, options: dict[str, Any]
    ) -> Sequence[QuerySet[Any]]:
        """Return the users, in parts."""
        using, model = get_settings().DATABASE, get_user_model()
        users: QuerySet[Any] = model._default_manager.using(using)
        if options["queryset"] is not None:
            try:
                found: QuerySet[Any] = import_string(options["queryset"])()
            except ImportError as error:
                raise CommandError(str(error)) from error
            return [found]
        if options["email_domain"] is not None:
            domain = options["email_domain"].removeprefix("@")
            name = model.get_email_field_name()
            return [users.filter(**{f"{name}__iendswith": f"@{domain}"})]
        backend = get_organization_backend(using=using)
        if backend is None or connection.organization_id is None:
            raise CommandError("The connection does not belong to an organization.")
        if vendor_of(using).orm_only:
            keys = sorted(Members(backend, connection.organization_id).all, key=str)
            return [users.filter(pk__in=some) for some in batched(keys)] or [users.none()]
        return [users.filter(pk__in=member_keys(backend, connection.organization_id, using=using))]
