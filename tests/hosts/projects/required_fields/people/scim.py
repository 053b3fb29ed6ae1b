"""What the project says to provisioning."""

from __future__ import annotations

from datetime import date
from typing import Any

from django_scim_provider.adapter import DefaultAdapter


class Adapter(DefaultAdapter):
    def user_fields(self, resource: Any) -> dict[str, Any]:
        own = {"birth": date(1970, 1, 1), "badge": resource["userName"][:20]}
        return {**super().user_fields(resource), **own}
