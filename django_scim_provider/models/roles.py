"""What gives people roles in the project: mappings, and what was granted because of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from django_scim_provider.conf import get_settings
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


def refuse_other_than_one(*targets: Any) -> None:
    """Refuse no target at all, and two.

    Raises:
        ValidationError: saying what is wanted.
    """
    if sum(target is not None for target in targets) != 1:
        raise ValidationError(_("Choose a Django group or a role, and only one."))


class TargetKeyField(ExactCharField):
    """Holds the ``target_key`` of the row's columns.

    It refuses a row without exactly one target, as not every database keeps check constraints.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 128, **kwargs, "editable": False})

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """Compute it from the columns as they are at that moment."""
        row = model_instance
        targets = row.django_group_id, row.organization_role, row.project_role
        refuse_other_than_one(*targets)
        key = target_key(*targets)
        setattr(row, self.attname, key)
        return key


MAX_PATH_LENGTH = 255


def source_key(match_by: str, attribute: str, value: str) -> str:
    """Return what names one source of a role: 64 hexadecimal characters.

    An index over all three columns would be longer than MariaDB has them.
    """
    return sha256("\0".join((str(match_by), attribute, value)).encode()).hexdigest()


class SourceKeyField(ExactCharField):
    """Holds the ``source_key`` of the row's columns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 64, **kwargs, "editable": False})

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """Compute it from the columns as they are at that moment."""
        row = model_instance
        key = source_key(row.match_by, row.attribute, row.value)
        setattr(row, self.attname, key)
        return key


class RoleMapping(models.Model):
    """People get a Django group or a role: by a provisioned group, an attribute, or by being there.

    The people are the members of a group at any depth; those whose resource has a value in an
    attribute; or everybody, as a default role. Only those whose accounts are active count.

    A mapping by ``displayName`` follows the name: whoever may name groups in the directory decides
    who gets the role. One by an attribute follows whoever may write that in the directory.
    """

    class MatchBy(models.TextChoices):
        """What is compared with ``value``."""

        ID = "id", _("id")
        EXTERNAL_ID = "externalId", _("externalId")
        DISPLAY_NAME = "displayName", _("displayName")
        ATTRIBUTE = "attribute", _("attribute of the person")
        EVERYONE = "everyone", _("everybody")

    OF_PEOPLE: ClassVar = (MatchBy.ATTRIBUTE, MatchBy.EVERYONE)
    """Those that look at the person and at no group."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = connection_key("mappings")
    match_by = models.CharField(_("match by"), max_length=16, choices=MatchBy, default=MatchBy.ID)
    attribute = ExactCharField(_("attribute"), max_length=MAX_PATH_LENGTH, blank=True, default="")
    """The path of the attribute of a User, such as ``userType``, ``roles.value`` or
    ``urn:…:User:department``, as ``storage.roles.attribute_sources`` spells it; else empty."""
    value = ExactCharField(_("value"), max_length=MAX_NAME_LENGTH, blank=True, default="")
    """Empty for everybody."""
    source_key = SourceKeyField()
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
        verbose_name = _("role mapping")
        verbose_name_plural = _("role mappings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "source_key", "target_key"], name="scim_mapping_key"
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
            update_fields = {*update_fields, "source_key", "target_key"}
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def is_of_groups(self) -> bool:
        """Tell whether a group stands for the role."""
        return self.match_by not in self.OF_PEOPLE

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse a source that names nothing, as far as its columns are looked at.

        Raises:
            ValidationError: by column.
        """
        super().clean_fields(exclude=exclude)
        needed = {} if self.match_by == self.MatchBy.EVERYONE else {"value": self.value}
        if self.match_by == self.MatchBy.ATTRIBUTE:
            needed["attribute"] = self.attribute
        missing = [
            name for name, held in needed.items() if not held and name not in (exclude or ())
        ]
        if missing:
            text = models.Field.default_error_messages["blank"]
            raise ValidationError({name: ValidationError(text, code="blank") for name in missing})

    def clean(self) -> None:
        """Refuse a mapping without a target, with two, to a role that there cannot be, or a twin.

        Raises:
            ValidationError: saying which.
        """
        super().clean()
        if self.match_by != self.MatchBy.ATTRIBUTE:
            self.attribute = ""
        if self.match_by == self.MatchBy.EVERYONE:
            self.value = ""
        self.organization_role = self.organization_role or None
        self.project_role = self.project_role or None
        targets = (self.django_group_id, self.organization_role, self.project_role)
        refuse_other_than_one(*targets)
        if self.provider_id is None:  # the form tells
            return
        if self.organization_role and self.provider.organization_id is None:
            raise ValidationError(_("The connection does not belong to an organization."))
        twins = RoleMapping.objects.using(get_settings().DATABASE).filter(
            provider=self.provider_id,
            source_key=source_key(self.match_by, self.attribute, self.value),
            target_key=target_key(*targets),
        )
        if twins.exclude(pk=self.pk).exists():
            raise ValidationError(_("There is such a mapping already."), code="unique")


class RoleGrant(models.Model):
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
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "user", "target_key"], name="scim_grant_key"
            ),
        ]

    def __str__(self) -> str:
        return str(self.django_group or self.organization_role or self.project_role)
