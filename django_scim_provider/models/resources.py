"""The bases of models: those behind resource types of the project's own, and of documents."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH
from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import ExactCharField, FoldedField, SCIMIdField
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField


class AbstractResource(models.Model):
    """What a row needs to be a SCIM resource; the project adds columns of its own.

    The rows go with their connection; a model that wants to keep them names another ``on_delete``.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scim_id = SCIMIdField(_("SCIM id"))
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # the constraint and the index start with it
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("connection"),
    )
    external_id = ExactCharField(
        _("external id"), max_length=MAX_NAME_LENGTH, null=True, blank=True, editable=False
    )
    resource = models.TextField(editable=False)
    folded = FoldedField(editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = MomentField(_("created at"), editable=False)
    last_modified = MomentField(_("last modified"), editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "scim_id"], name="%(app_label)s_%(class)s_scim_id"
            ),
        ]
        # Without a name, which for an index may have 30 characters only: Django makes one.
        indexes: ClassVar = [models.Index(fields=["provider", "external_id"])]


class AbstractDocument(models.Model):
    """The folded document of one resource, and all of its indexed columns that each write changes.

    They have a table of their own so that the row of the resource fits into a page of the database,
    and can be changed in place: no index of its table has to learn of a change.
    """

    # A copy of the resource's own, so that every index can begin with it; the key of the resource
    # vouches that the connection is there.
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # every index starts with it
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="+",
    )
    last_modified = MomentField(editable=False)
    folded = FoldedField(editable=False)

    class Meta:
        abstract = True
