"""What each identity provider asks for, by the names of its screens, and what to enter there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from django_scim_provider.models.connection_profiles import shipped_name_of


class Paste(Enum):
    """A value that differs by connection."""

    BASE_URL = "base_url"
    TOKEN = "token"  # noqa: S105 - a name, no secret


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a screen of the identity provider."""

    label: str
    """As the identity provider's English screen has it; not translated."""
    value: Paste | str
    """What to enter; a text is entered as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """Where to go in an identity provider, and what to enter there."""

    product: str
    where: Any
    """Translatable: the way to the screen."""
    fields: tuple[Field, ...]
    then: Any
    """Translatable: what to press, and what should be seen."""
    source: str
    """A page that says so."""
    more: tuple[Any, ...] = ()
    """Translatable: further steps, so that people and groups arrive."""

    @property
    def slug(self) -> str:
        """Return the product as part of ids in HTML."""
        return slugify(self.product)


ONELOGIN_TEMPLATE = (
    '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], '
    '"userName": "{$parameters.scimusername}", "externalId": "{$user.id}", '
    '"name": {"givenName": "{$user.firstname}", "familyName": "{$user.lastname}"}, '
    '"displayName": "{$user.display_name}", '
    '"emails": [{"value": "{$user.email}", "type": "work", "primary": true}]}'
)
"""The user that OneLogin sends, with OneLogin's own macros in braces."""
LONG = 80
"""Characters from which a value is shown on several lines."""
BASE_URL, TOKEN = Paste.BASE_URL, Paste.TOKEN
INSTRUCTIONS: dict[str, Instructions] = {
    "okta": Instructions(
        product="Okta",
        where=_(
            "In the application: General, App Settings, Edit: choose SCIM as provisioning. "
            "Then Provisioning, Integration, Edit."
        ),
        fields=(
            Field("SCIM connector base URL", BASE_URL),
            Field("Unique identifier field for users", "userName"),
            Field(
                "Supported provisioning actions",
                "Import New Users and Profile Updates, Push New Users, Push Profile Updates, "
                "Push Groups",
            ),
            Field("Authentication Mode", "HTTP Header"),
            Field("Authorization: Bearer", TOKEN),
        ),
        then=_(
            "Press Test Connector Configuration, save, and under Provisioning, To App switch on "
            "Create Users, Update User Attributes and Deactivate Users."
        ),
        source="https://help.okta.com/oie/en-us/content/topics/apps/apps_app_integration_wizard_scim.htm",
        more=(
            _("Under Assignments, assign people or groups: each of them is created here."),
            _("Under Push Groups, choose the groups that are to be known here with their members."),
        ),
    ),
    "entra": Instructions(
        product="Microsoft Entra ID",
        where=_(
            "In the Microsoft Entra admin center: Enterprise apps, your application, Provisioning, "
            "Connect your application."
        ),
        fields=(
            Field("Authentication method", "Bearer authentication"),
            Field("Tenant URL", BASE_URL),
            Field("Secret token", TOKEN),
        ),
        then=_("Press Test connection, create the configuration, and start provisioning."),
        source="https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups",
        more=(
            _(
                "Under Attribute mapping, map objectId to externalId: it never changes, and "
                "never repeats."
            ),
            _(
                "Under Users and groups, assign people and groups; Provision on demand tries "
                "one person at once. The first cycle begins within 40 minutes."
            ),
        ),
    ),
    "google": Instructions(
        product="Google Workspace",
        where=_(
            "In the Admin console: Apps, Web and mobile apps, your application, Autoprovisioning, "
            "Configure autoprovisioning."
        ),
        fields=(Field("Access token", TOKEN), Field("Endpoint URL", BASE_URL)),
        then=_("Map the attributes, choose the groups in scope, and switch autoprovisioning on."),
        source="https://support.google.com/a/topic/6400789",
        more=(
            _(
                "Under Deprovisioning, choose after how many days somebody who leaves is "
                "suspended here."
            ),
        ),
    ),
    "onelogin": Instructions(
        product="OneLogin",
        where=_(
            "In the administration: Applications, your application (SCIM Provisioner with SAML, "
            "SCIM v2 Enterprise), Configuration."
        ),
        fields=(
            Field("SCIM Base URL", BASE_URL),
            Field("SCIM JSON Template", ONELOGIN_TEMPLATE),
            Field("SCIM Bearer Token", TOKEN),
        ),
        then=_(
            "Press Enable under API Connection, then under Provisioning switch Enable provisioning "
            "on."
        ),
        source="https://developers.onelogin.com/scim/test-your-scim",
        more=(
            _(
                "Under Access, choose the roles whose people are to be created here; new users "
                "wait under Users until somebody approves them, unless Provisioning asks for no"
                " approval."
            ),
        ),
    ),
    "jumpcloud": Instructions(
        product="JumpCloud",
        where=_(
            "In the Admin Portal: SSO Applications, your application, Identity Management, "
            "Configuration settings."
        ),
        fields=(
            Field("API Type", "SCIM API"),
            Field("SCIM Version", "SCIM 2.0"),
            Field("Base URL", BASE_URL),
            Field("Token Key", TOKEN),
        ),
        then=_(
            "Enter the e-mail address of a test user that does not exist here, press Test "
            "Connection, then Activate."
        ),
        source="https://jumpcloud.com/support/identity-management-using-a-custom-scim-integration",
        more=(
            _(
                "Under User Groups, bind the groups whose people are to be created here, and "
                "switch on Enable management of User Groups to send the groups themselves."
            ),
        ),
    ),
    "ping": Instructions(
        product="PingOne",
        where=_(
            "In the administration: Integrations, Provisioning, New connection, Identity Store, "
            "SCIM Outbound."
        ),
        fields=(
            Field("SCIM base URL", BASE_URL),
            Field("Users resource", "/Users"),
            Field("Groups resource", "/Groups"),
            Field("SCIM version", "2.0"),
            Field("Authentication method", "OAuth 2 Bearer Token"),
            Field("OAuth Access Token", TOKEN),
            Field("Auth Type Header", "Bearer"),
        ),
        then=_("Press Test connection, save, and add a rule that says whom to provision."),
        source="https://docs.pingidentity.com/r/en-us/pingone/p1_create_scim_connection",
        more=(
            _(
                "In the rule, choose the population or filter under User Filter, and under "
                "Group Provisioning the groups to send."
            ),
        ),
    ),
    "authentik": Instructions(
        product="authentik",
        where=_(
            "In authentik's Admin interface: Applications, Applications, New Application, provider "
            "type SCIM; then edit the application that people log in to and add the provider under "
            "Backchannel providers."
        ),
        fields=(
            Field("URL", BASE_URL),
            Field("Authentication mode", "Static token"),
            Field("Token", TOKEN),
            Field("SCIM Compatibility Mode", "Default"),
        ),
        then=_(
            "Save, choose whom to provision under User filtering, and press Run again under Sync "
            "status."
        ),
        source="https://docs.goauthentik.io/add-secure-apps/providers/scim/create-scim-provider/",
    ),
    "rippling": Instructions(
        product="Rippling",
        where=_(
            "In Rippling: IT, Third-Party Access, Add Integration, Create New Custom Integration, "
            "User Management via SCIM."
        ),
        fields=(
            Field("SCIM Version", "2.0"),
            Field("SCIM base URL", BASE_URL),
            Field("SCIM Authorization Method", "Bearer Token"),
            Field("Bearer Token", TOKEN),
            Field(
                "Supported SCIM Attributes",
                "externalId, emails.primary, name.givenName, name.familyName",
            ),
        ),
        then=_(
            "Tick support for groups, pagination, deleting groups and editing groups by PATCH; "
            "install the integration and test the connection."
        ),
        source="https://workos.com/docs/integrations/rippling-scim/2-create-your-rippling-application",
    ),
}
GENERIC = Instructions(
    product="SCIM 2.0",
    where=_("In the provisioning settings of your identity provider:"),
    fields=(Field("SCIM base URL", BASE_URL), Field("Bearer token", TOKEN)),
    then=_("Test the connection there; it should find nobody, and no error."),
    source="https://www.rfc-editor.org/rfc/rfc7644",
)


def instructions_for(profile: str) -> list[Instructions]:
    """Return the instructions of a profile; those for all where it is no product's."""
    own = INSTRUCTIONS.get(shipped_name_of(profile))
    return [own] if own is not None else [GENERIC, *INSTRUCTIONS.values()]


def filled(found: Instructions, base_url: str) -> list[dict[str, Any]]:
    """Return the fields with their values.

    ``is_secret`` marks the token, whose value is left to the one place that shows it.
    """
    return [
        {
            "label": field.label,
            "value": base_url if field.value is Paste.BASE_URL else field.value,
            "is_secret": field.value is Paste.TOKEN,
            "is_long": isinstance(field.value, str) and len(field.value) > LONG,
            "number": str(number),
        }
        for number, field in enumerate(found.fields)
    ]
