"""What the project says to provisioning."""

from __future__ import annotations

from datetime import date
from typing import Any

from django_scim_provider.organizations import MembershipModelBackend


class Backend(MembershipModelBackend):
    def new_member_values(self, organization_id: str, user: Any) -> dict[str, Any]:
        return {"joined_on": date.today()}
