"""Provisioned groups and their members."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH
from django_scim_provider.core.validation.lengths import GROWTH
from django_scim_provider.models.accounts import LinkedAccount
from django_scim_provider.models.connections import ProviderConnection
from django_scim_provider.models.fields import (
    ContainmentIndex,
    ExactCharField,
    FindingIndex,
    SCIMIdField,
)
from django_scim_provider.models.keys import uuid7
from django_scim_provider.models.moments import MomentField
from django_scim_provider.models.resources import AbstractDocument


class ProvisionedGroupQuerySet(models.QuerySet["ProvisionedGroup"]):
    """Rows by whose they are."""

    def of(self, provider_id: str) -> ProvisionedGroupQuerySet:
        """Return what belongs to one connection."""
        return self.filter(**{"provider_id": provider_id})  # the stubs do not know to_field


class ProvisionedGroup(models.Model):
    """A group as one connection knows it (RFC 7643 section 4.2)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scim_id = SCIMIdField(_("SCIM id"))
    provider = models.ForeignKey(
        ProviderConnection,
        to_field="provider_id",
        db_column="provider_id",
        db_index=False,  # every constraint and index below starts with it
        on_delete=models.PROTECT,  # a provider id stays taken while anything belongs to it
        related_name="groups",
        verbose_name=_("connection"),
    )
    external_id = ExactCharField(
        _("external id"), max_length=MAX_NAME_LENGTH, null=True, blank=True
    )
    display_name = models.CharField(_("display name"), max_length=MAX_NAME_LENGTH)
    display_name_key = ExactCharField(max_length=GROWTH * MAX_NAME_LENGTH, editable=False)
    resource = models.TextField(editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = MomentField(_("created at"), editable=False)
    last_modified = MomentField(_("last modified"), editable=False)

    objects = ProvisionedGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("provisioned group")
        verbose_name_plural = _("provisioned groups")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "scim_id"], name="scim_group_scim_id"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["provider", "id"], name="scim_group_order"),
            FindingIndex(fields=["provider", "display_name_key"], name="scim_group_display_name"),
            FindingIndex(fields=["provider", "external_id"], name="scim_group_external_id"),
        ]

    def __str__(self) -> str:
        return self.display_name


class GroupDocument(AbstractDocument):
    """The document of a group."""

    group = models.OneToOneField(
        ProvisionedGroup, primary_key=True, on_delete=models.CASCADE, related_name="document"
    )

    class Meta:
        verbose_name = _("group document")
        verbose_name_plural = _("group documents")
        indexes: ClassVar = [
            models.Index(fields=["provider", "last_modified"], name="scim_group_modified"),
            ContainmentIndex(fields=["folded"], name="scim_group_folded"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MemberKeyField(models.UUIDField):  # type: ignore[type-arg]  # generic for type checkers only
    """Holds the key of the member, whichever kind it is, so that a constraint sees no NULL.

    It refuses a row without exactly one member, as not every database keeps check constraints.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "editable": False})

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """Take the key of the account or child that the row has at that moment.

        Raises:
            ValidationError: it has neither, or both.
        """
        account, child = model_instance.account_id, model_instance.child_id
        if (account is None) == (child is None):
            raise ValidationError("A member is an account or a group, and only one of them.")
        key = child if account is None else account
        setattr(model_instance, self.attname, key)
        return key


class GroupMember(models.Model):
    """One membership: an account or a child group belongs to a group of the same connection."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    group = models.ForeignKey(
        ProvisionedGroup,
        db_index=False,  # the constraint starts with it
        on_delete=models.CASCADE,
        related_name="members",
    )
    account = models.ForeignKey(
        LinkedAccount, on_delete=models.CASCADE, null=True, related_name="memberships"
    )
    child = models.ForeignKey(
        ProvisionedGroup, on_delete=models.CASCADE, null=True, related_name="parents"
    )
    member_key = MemberKeyField()

    class Meta:
        verbose_name = _("group member")
        verbose_name_plural = _("group members")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "member_key"], name="scim_member_key"),
            models.CheckConstraint(
                condition=Q(account=None, child__isnull=False)
                | Q(account__isnull=False, child=None),
                name="scim_member_exactly_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} <- {self.member_key}"
