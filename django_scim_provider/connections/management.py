"""What people may do with connections: ownership, membership, roles, and the project's last word.

A connection belongs to an organization, to the user who made it, or to nobody. People who may not
even know of a connection get the answer for one that does not exist (``DoesNotExist``); members of
its organization without the role are told that they lack it (``PermissionDenied``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from django_scim_provider.conf import get_settings
from django_scim_provider.connections.decommission import Decommissioning, decommission
from django_scim_provider.connections.lifecycle import (
    close_connection,
    rename_connection,
    switch_connection,
)
from django_scim_provider.connections.reserved import refuse_reserved, refuse_trusted
from django_scim_provider.connections.standing import Standing
from django_scim_provider.models import ProviderConnection, ProvisioningEvent, SCIMToken
from django_scim_provider.storage.events import record_management
from django_scim_provider.storage.transactions import write_aside
from django_scim_provider.tokens.service import generate_scim_token, revoke_scim_token
from django_scim_provider.validators import validate_note, validate_wire_part


class Management(Standing):
    """The connections that one user may manage; everybody else's do not exist."""

    def connections(self, *, closed: bool = False) -> QuerySet[ProviderConnection]:
        """Return the connections that the user may manage; ``closed`` takes in deleted ones."""
        return self._known(closed=closed).filter(self._belongs_to_user())

    def tokens(self) -> QuerySet[SCIMToken]:
        """Return the tokens of those connections, ended ones too."""
        rows = SCIMToken.objects.using(self.using).select_related("provider", "created_by")
        return rows.filter(provider__in=self._ids())

    def events(self) -> QuerySet[ProvisioningEvent]:
        """Return the events of those connections, the latest first."""
        return ProvisioningEvent.objects.using(self.using).filter(provider__in=self._ids())

    def find(self, provider_id: str, *, closed: bool = False) -> ProviderConnection:
        """Return a connection that the user may manage; ``closed`` takes in a deleted one.

        Raises:
            ProviderConnection.DoesNotExist: the user does not know of it.
            PermissionDenied: the user is a member of its organization without the role for it.
        """
        return self._allowed(self._known(closed=closed).filter(provider_id=provider_id).first())

    def find_by_key(self, key: UUID) -> ProviderConnection:
        """Return the connection of that row, a deleted one too; raises as ``find``."""
        rows = self._known(closed=True).select_related("owner")
        return self._allowed(rows.filter(pk=key).first())

    def _allowed(self, connection: ProviderConnection | None) -> ProviderConnection:
        if connection is None or not self._knows(connection):
            raise ProviderConnection.DoesNotExist(_("There is no such connection."))
        if connection.organization_id is not None:
            self._require_role(connection.organization_id)
        return connection

    def find_token(self, token_id: Any) -> SCIMToken:
        """Return a token of a connection that the user may manage.

        Raises:
            SCIMToken.DoesNotExist: there is none that the user knows of.
            PermissionDenied: as for ``find``.
        """
        token = self._token(token_id)
        try:
            self.find(str(token.provider.provider_id))
        except ProviderConnection.DoesNotExist as error:
            raise SCIMToken.DoesNotExist(_("There is no such token.")) from error
        return token

    def _token(self, token_id: Any) -> SCIMToken:
        """Return the token, whether or not the person may know of it."""
        rows = SCIMToken.objects.using(self.using).select_related("provider")
        try:
            return rows.get(pk=token_id)
        except (SCIMToken.DoesNotExist, ValidationError) as error:
            raise SCIMToken.DoesNotExist(_("There is no such token.")) from error

    @sensitive_variables()
    def generate(
        self, provider_id: Any, organization_id: Any = None, **options: Any
    ) -> tuple[SCIMToken, str]:
        """Return a new token and its wire form; see ``generate_scim_token`` for the options.

        Raises:
            ValidationError: an argument is not valid, the id is reserved, or the project has no
                organizations.
            PermissionDenied: the connection is somebody else's, the user is not a member of the
                organization or lacks the role, or a hook of the project refuses.
        """
        _validate_id(provider_id)
        if organization_id is not None:
            _validate_id(organization_id)
            if self.organizations is None:
                raise ValidationError(_("Organizations are not enabled."), code="organizations")
        with self._noting("generate_token", provider_id):
            return self._generate(provider_id, organization_id, options)

    @sensitive_variables()
    def _generate(
        self, provider_id: str, organization_id: str | None, options: dict[str, Any]
    ) -> tuple[SCIMToken, str]:
        rows = ProviderConnection.objects.using(self.using).filter(provider_id=provider_id)
        connection = rows.first()
        if organization_id is None and connection is not None:
            organization_id = self._organization_of(connection)
        membership = None
        if organization_id is not None:
            membership = self._require_role(organization_id)
        self._refuse_foreign(connection, organization_id)
        refuse_reserved(provider_id)
        if connection is None and organization_id is None:
            refuse_trusted(provider_id)
        self._ask_project(provider_id, organization_id, membership, connection)
        return generate_scim_token(
            provider_id,
            organization_id=organization_id,
            owner=self.user if organization_id is None and self._owns(connection) else None,
            created_by=self.user,
            membership=membership,
            **options,
        )

    @sensitive_variables()
    def rotate(self, provider_id: str, **options: Any) -> tuple[SCIMToken, str]:
        """Return a new token of a connection that exists; raises as ``find`` and ``generate``."""
        with self._noting("generate_token", provider_id):
            connection = self.find(provider_id)
        return self.generate(connection.provider_id, connection.organization_id, **options)

    def revoke(self, token_id: Any) -> SCIMToken:
        """Revoke a token.

        Raises:
            ValidationError: the id of its connection is reserved.
            SCIMToken.DoesNotExist, PermissionDenied: as for ``find_token``.
        """
        token = self._token(token_id)
        with self._noting("revoke_token", str(token.provider.provider_id), token_id=token.pk):
            token = self.find_token(token_id)
            refuse_reserved(str(token.provider.provider_id))
            revoke_scim_token(token, actor=self.user)
        return token

    def delete(self, provider_id: str) -> None:
        """Close a connection.

        Raises:
            ValidationError: its id is reserved.
            ProviderConnection.DoesNotExist, PermissionDenied: as for ``find``.
        """
        with self._noting("delete_connection", provider_id):
            connection = self.find(provider_id)
            refuse_reserved(connection.provider_id)
            close_connection(connection, actor=self.user)

    def decommission(self, provider_id: str, **options: Any) -> Decommissioning:
        """Close a connection and release its users; see ``decommission`` for the options.

        Raises:
            ValidationError, ProviderConnection.DoesNotExist, PermissionDenied: as for ``delete``.
        """
        with self._noting("decommission", provider_id):
            connection = self.find(provider_id, closed=True)
            refuse_reserved(connection.provider_id)
            return decommission(connection, actor=self.user, **options)

    def switch(self, provider_id: str, *, enabled: bool) -> None:
        """Refuse all requests of a connection, or let them in again; raises as ``delete``."""
        with self._noting("enable_connection" if enabled else "disable_connection", provider_id):
            connection = self.find(provider_id)
            refuse_reserved(connection.provider_id)
            switch_connection(connection, enabled=enabled, actor=self.user)

    def rename(self, provider_id: str, name: str) -> None:
        """Give a connection another name; raises as ``delete``, also where it is no name."""
        with self._noting("update_connection", provider_id):
            connection = self.find(provider_id)
            refuse_reserved(connection.provider_id)
            validate_note(name)
            rename_connection(connection, name, actor=self.user)

    def _ids(self) -> QuerySet[Any, Any]:
        return self.connections().values("provider_id")

    @contextmanager
    def _noting(self, action: str, provider_id: str, **values: Any) -> Iterator[None]:
        """Record an event where the block is refused to somebody who may know of the connection.

        Not for strangers: they would write into a list that is not theirs.
        """
        try:
            yield
        except (PermissionDenied, ValidationError) as error:
            connection = self._known().filter(provider_id=provider_id).first()
            if connection is not None and self._knows(connection):
                status = 403 if isinstance(error, PermissionDenied) else 400
                refused = partial(
                    record_management,
                    self.using,
                    provider_id,
                    action,
                    actor_id=self.user.pk,
                    status=status,
                    **values,
                )
                write_aside(self.using, "The event of a refusal", refused)
            raise

    def _ask_project(
        self,
        provider_id: str,
        organization_id: str | None,
        membership: Any,
        connection: ProviderConnection | None,
    ) -> None:
        """Ask ``CAN_GENERATE_TOKEN``, which is called with these names, and ``user``.

        Raises:
            PermissionDenied: it returned something false.
        """
        path = get_settings().CAN_GENERATE_TOKEN
        if path is not None and not import_string(path)(
            user=self.user,
            provider_id=provider_id,
            organization_id=organization_id,
            membership=membership,
            connection=connection,
        ):
            raise PermissionDenied(_("You may not generate a token."))


def _validate_id(value: Any) -> None:
    if not isinstance(value, str):
        raise ValidationError(_("An id must be a string."), code="invalid")
    validate_wire_part(value)
