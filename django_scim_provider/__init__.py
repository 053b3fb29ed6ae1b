"""A SCIM 2.0 service provider for Django projects (RFC 7643, RFC 7644, RFC 9865)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scim_provider.client_descriptor import ClientDescriptor

__version__ = "0.1.0"


def client() -> ClientDescriptor:
    """Return what a client of this project's SCIM needs to know; see ``ClientDescriptor``."""
    from django_scim_provider.client_descriptor import (
        describe,  # the apps must be ready, which they are late
    )

    return describe()
