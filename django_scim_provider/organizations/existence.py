"""What a connection that is about to be made must not belong to."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from django_scim_provider.conf import get_settings
from django_scim_provider.organizations import is_active_organization


def refuse_unknown_organization(organization_id: str | None) -> None:
    """Refuse an organization that the project does not know, or has deactivated.

    Raises:
        ValidationError: with the code ``organization``.
    """
    if organization_id is None:
        return
    if not is_active_organization(organization_id, using=get_settings().DATABASE):
        raise ValidationError(
            _("There is no such organization, or it is not active."), code="organization"
        )
