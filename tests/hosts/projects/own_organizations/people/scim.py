"""What the project says to provisioning."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from django_scim_provider.organizations import MembershipModelBackend


class Backend(MembershipModelBackend):
    def new_member_values(self, organization_id: str, user: Any) -> dict[str, Any]:
        return {"joined_on": timezone.localdate()}
