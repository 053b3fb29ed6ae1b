"""The form of a mapping: who gets which role, by choice, and what saving it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_scim_provider.admin.mapping_pages.effects_shown import EffectOfMapping, effect_of
from django_scim_provider.admin.mapping_pages.group_choices import group_select, group_with_key
from django_scim_provider.admin.mapping_pages.handing_out import (
    connection_to_map,
    own_roles,
    roles_of_project,
    roles_to_choose,
)
from django_scim_provider.admin.mapping_pages.source_fields import (
    GROUP,
    attribute_field,
    name_source,
    source_field,
    value_field,
)
from django_scim_provider.conf import get_settings
from django_scim_provider.core.schemas.definitions import MAX_NAME_LENGTH
from django_scim_provider.insight.mapping_states import MappingState, mapping_states
from django_scim_provider.models import ProviderConnection, ProvisionedGroup, RoleMapping

SHOWN = "shown"
"""The field that says which effect was shown to who sends the form."""
CSV = "_csv"
"""The button that asks for a file of all whom it concerns."""
MatchBy = RoleMapping.MatchBy
FOLLOWS = (
    (MatchBy.ID, _("This group, whatever it is called later")),
    (MatchBy.EXTERNAL_ID, _("The group with its id at the identity provider (externalId)")),
    (MatchBy.DISPLAY_NAME, _("Every group of this name, whoever names it so")),
)


_MODEL_NAMES = {
    "group": "value",
    "group_name": "value",
    "person_attribute": "attribute",
    "person_value": "value",
    "source": "match_by",
}


class RoleMappingForm(ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """Valid, and sent with the effect that it has: only then it is saved.

    It refuses roles in organizations that the person who maps them does not have.
    """

    user: ClassVar[Any]
    """Who fills the form in; ``get_form`` says."""
    admin_site: ClassVar[Any]
    sees_groups: ClassVar[bool]
    """May the user see groups?"""

    group = forms.CharField(
        label=_("Group"),
        required=False,
        help_text=_("A group that the identity provider has pushed, found by its name."),
    )
    group_name = forms.CharField(
        label=_("Or the name of a group to come"),
        required=False,
        max_length=MAX_NAME_LENGTH,
        help_text=_("The mapping waits until the identity provider pushes a group of this name."),
    )

    source = source_field()
    person_attribute = forms.CharField(required=False)
    person_value = value_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before: RoleMapping | None = None
        if not self.instance._state.adding:
            rows = RoleMapping.objects.using(get_settings().DATABASE).select_related("provider")
            self._before = rows.get(pk=self.instance.pk)
        connection = self.connection
        if connection is None or "match_by" not in self.fields:
            return
        self._offer_sources()
        self.fields["match_by"] = forms.ChoiceField(
            label=_("Follows"),
            choices=FOLLOWS,
            widget=forms.RadioSelect,
            initial=MatchBy.ID,
            required=self.source_chosen == GROUP,
        )
        self._offer_groups(connection)
        self._offer_roles(connection)

    @cached_property
    def connection(self) -> ProviderConnection | None:
        """Return the connection whose group is mapped."""
        if self._before is not None:
            return self._before.provider
        asked = self.data.get("provider") if self.is_bound else self.initial.get("provider")
        return connection_to_map(self.user, asked)

    @cached_property
    def state(self) -> MappingState | None:
        """Return what is wrong with the mapping as it is stored; None for a new one."""
        before = self._before
        return None if before is None else mapping_states([before])[before.pk]

    @property
    def source_chosen(self) -> str:
        """Return who gets the role: ``GROUP``, or the ``match_by`` of a mapping without one."""
        asked = self.data.get("source") if self.is_bound else self.initial.get("source")
        return str(asked or GROUP)

    def _offer_sources(self) -> None:
        before = self._before
        self.fields["person_attribute"] = attribute_field()
        if before is not None and not before.is_of_groups:
            self.initial.update(
                source=before.match_by,
                match_by=MatchBy.ID,
                person_attribute=before.attribute,
                person_value=before.value,
            )

    def _offer_groups(self, connection: ProviderConnection) -> None:
        present = self._present_group
        if present is not None:
            self.initial.setdefault("group", str(present.pk))
        elif self._before is not None and self._before.match_by == MatchBy.DISPLAY_NAME:
            self.initial.setdefault("group_name", self._before.value)
        if not self.sees_groups:
            del self.fields["group"]
            return
        asked = self.data.get("group") if self.is_bound else self.initial.get("group")
        chosen = group_with_key(connection.provider_id, asked) if asked else None
        field = self.fields["group"]
        field.widget = group_select(self.admin_site, connection.provider_id, chosen)
        field.widget.is_required = False

    @cached_property
    def _present_group(self) -> ProvisionedGroup | None:
        """Return the group that the stored mapping stands for, the first of several."""
        groups = self.state.groups if self.state is not None else ()
        return groups[0] if groups else None

    def _offer_roles(self, connection: ProviderConnection) -> None:
        """Make the roles choices, where it is known which there are."""
        before = self._before
        offered = {
            "organization_role": roles_to_choose(self.user, connection),
            "project_role": roles_of_project(),
        }
        for name, roles in offered.items():
            field = self.fields.get(name)
            if field is None or roles is None:
                continue
            present = getattr(before, name, None)
            choices = [("", "---------"), *((role, role) for role in roles)]
            if present is not None and present not in roles:
                choices.append((present, gettext("%(role)s (not offered)") % {"role": present}))
            self.fields[name] = forms.ChoiceField(
                label=field.label, choices=choices, required=False
            )

    def clean(self) -> dict[str, Any] | None:
        """Find the group, and check the role unless a superuser gives it.

        Raises:
            ValidationError: there is no such group, or the role is more than the user has.
        """
        found = super().clean()
        if self.connection is None or "match_by" not in self.fields:
            return found
        self.instance.provider = self.connection
        chosen = self.cleaned_data.get("source") or GROUP
        if chosen == GROUP:
            self.instance.attribute = ""
            self._name_group(self.connection)
        else:
            self.cleaned_data["source"] = chosen
            kind = name_source(self.instance, self.connection, self.cleaned_data)
            self.cleaned_data["match_by"] = kind
        role = self.cleaned_data.get("organization_role")
        if (
            role
            and not self.user.is_superuser
            and role not in own_roles(self.user, self.connection)
        ):
            raise ValidationError(
                {"organization_role": _("You do not have this role in the organization.")}
            )
        return found

    def _name_group(self, connection: ProviderConnection) -> None:
        """Write how the mapping finds its group.

        Raises:
            ValidationError: none was chosen, or two, or one that has no such name.
        """
        key, name = self.cleaned_data.get("group"), self.cleaned_data.get("group_name")
        if key and name and (self._before is None or name != self._before.value):
            raise ValidationError({"group_name": _("Choose a group or type a name, not both.")})
        if key:
            self._follow(group_with_key(connection.provider_id, key))
        elif name:
            self.instance.value = name
            self.cleaned_data["match_by"] = MatchBy.DISPLAY_NAME
        elif (
            self._before is None
            or not self._before.is_of_groups
            or (self._present_group is not None and self.sees_groups)
        ):
            raise ValidationError(
                _("Choose a group, or type the name of one that is to come."), code="required"
            )
        else:  # nothing else was chosen
            self.cleaned_data["match_by"] = self._before.match_by

    def _follow(self, group: ProvisionedGroup | None) -> None:
        if group is None:
            raise ValidationError({"group": _("The connection has no such group.")})
        match_by = self.cleaned_data.get("match_by")
        values = {
            MatchBy.ID: group.scim_id,
            MatchBy.EXTERNAL_ID: group.external_id,
            MatchBy.DISPLAY_NAME: group.display_name,
        }
        value = values.get(MatchBy(match_by)) if match_by else group.scim_id
        if value is None:
            raise ValidationError(
                {"match_by": _("The identity provider has given the group no externalId.")}
            )
        self.instance.value = value

    def is_valid(self) -> bool:
        """Tell whether the form can be saved: without errors, by who saw what saving does."""
        return super().is_valid() and self.is_confirmed

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the effect that was shown is the one that saving has now.

        Who asks for the file of all whom it concerns does not save.
        """
        if CSV in self.data:
            return False
        return self.effect is not None and self.data.get(SHOWN) == self.effect.fingerprint

    @cached_property
    def effect(self) -> EffectOfMapping | None:
        """Return what saving does; None for a form that cannot be saved."""
        if not self.is_bound or self.errors or self.connection is None:
            return None
        return effect_of(self.connection, before=self._before, after=self.instance)


def named_fields(changed: Sequence[str]) -> list[str]:
    """Return the changed fields of the form by the names of the model's."""
    return list(dict.fromkeys(_MODEL_NAMES.get(name, name) for name in changed))
