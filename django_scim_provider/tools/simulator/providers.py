"""The identity providers that can be played, by their names on the command line."""

from __future__ import annotations

from django_scim_provider.tools.simulator.entra import ENTRA
from django_scim_provider.tools.simulator.google import GOOGLE
from django_scim_provider.tools.simulator.jumpcloud import JUMPCLOUD
from django_scim_provider.tools.simulator.okta import OKTA
from django_scim_provider.tools.simulator.onelogin import ONELOGIN
from django_scim_provider.tools.simulator.steps import IdentityProvider

PROVIDERS: dict[str, IdentityProvider] = {
    provider.name: provider for provider in (OKTA, ENTRA, GOOGLE, ONELOGIN, JUMPCLOUD)
}
