"""Attributes of SCIM that go into fields of the project's own, and come from there, by a setting.

Settings import ``Mapped`` from here, so that nothing here may need models.
"""

from __future__ import annotations

from django_scim_provider.attribute_map.mapped import Mapped

__all__ = ["Mapped"]
