"""What groups mean for the project: mappings to roles, and what was granted because of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH
from django_scim_provider.models.connections import connection_key
from django_scim_provider.models.fields import ExactCharField
from django_scim_provider.models.keys import uuid7


def target_key(
    django_group_id: Any = None,
    organization_role: str | None = None,
    project_role: str | None = None,
) -> str:
    """Return what names one target, such as ``group:12``: its kind and its key or name.

    So that a constraint sees a column that is never NULL.
    """
    if django_group_id is not None:
        return f"group:{django_group_id}"
    if organization_role is not None:
        return f"organization_role:{organization_role}"
    return f"project_role:{project_role}"


class TargetKeyField(ExactCharField):
    """Holds the ``target_key`` of the row's columns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 128, **kwargs, "editable": False})

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """Compute it from the columns as they are at that moment."""
        row = model_instance
        key = target_key(row.django_group_id, row.organization_role, row.project_role)
        setattr(row, self.attname, key)
        return key


class GroupMapping(models.Model):
    """Members of a provisioned group get a Django group, or a role in its organization.

    A mapping by ``displayName`` follows the name: whoever may name groups in the directory decides
    who gets the role.
    """

    class MatchBy(models.TextChoices):
        """What of a group is compared with ``value``."""

        ID = "id", _("id")
        EXTERNAL_ID = "externalId", _("externalId")
        DISPLAY_NAME = "displayName", _("displayName")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("mappings")
    match_by = models.CharField(_("match by"), max_length=16, choices=MatchBy, default=MatchBy.ID)
    value = ExactCharField(_("value"), max_length=MAX_NAME_LENGTH)
    django_group = models.ForeignKey(
        Group,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Django group"),
    )
    organization_role = ExactCharField(_("organization role"), max_length=64, null=True, blank=True)
    project_role = ExactCharField(_("role of the project"), max_length=64, null=True, blank=True)
    """One of the adapter's ``roles``."""
    target_key = TargetKeyField()

    class Meta:
        verbose_name = _("group mapping")
        verbose_name_plural = _("group mappings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "match_by", "value", "target_key"], name="scim_mapping_key"
            ),
            models.CheckConstraint(
                condition=Q(django_group__isnull=False, organization_role=None, project_role=None)
                | Q(django_group=None, organization_role__isnull=False, project_role=None)
                | Q(django_group=None, organization_role=None, project_role__isnull=False),
                name="scim_mapping_one_target",
            ),
        ]

    def __str__(self) -> str:
        return str(self.django_group or self.organization_role or self.project_role)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save; where single columns are named, the key goes with those it follows from."""
        if update_fields:
            update_fields = {*update_fields, "target_key"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def clean(self) -> None:
        """Refuse a mapping without a target, with two, to a role that there cannot be, or a twin.

        Raises:
            ValidationError: saying which.
        """
        super().clean()
        self.organization_role = self.organization_role or None
        self.project_role = self.project_role or None
        targets = (self.django_group_id, self.organization_role, self.project_role)
        if sum(target is not None for target in targets) != 1:
            raise ValidationError(_("Choose a Django group or a role, and only one."))
        if self.provider_id is None:  # the form tells
            return
        if self.organization_role and self.provider.organization_id is None:
            raise ValidationError(_("The connection does not belong to an organization."))
        twins = GroupMapping.objects.filter(
            provider=self.provider_id,
            match_by=self.match_by,
            value=self.value,
            target_key=target_key(*targets),
        )
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError(_("There is such a mapping already."), code="unique")


class GroupGrant(models.Model):
    """Something that a user has because of a connection's mappings, and of nothing else before."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )
    django_group = models.ForeignKey(
        Group, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("Django group")
    )
    organization_role = ExactCharField(_("organization role"), max_length=64, null=True)
    project_role = ExactCharField(_("role of the project"), max_length=64, null=True)
    target_key = TargetKeyField()

    class Meta:
        verbose_name = _("group grant")
        verbose_name_plural = _("group grants")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "user", "target_key"], name="scim_grant_key"
            ),
        ]

    def __str__(self) -> str:
        return str(self.django_group or self.organization_role or self.project_role)
