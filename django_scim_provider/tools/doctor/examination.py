"""One examination: the deployment, and what was found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django_scim_provider.core.schemas.definitions import Resource
from django_scim_provider.tools.addresses import BaseURL
from django_scim_provider.tools.answers import Answer
from django_scim_provider.tools.doctor.diagnosis import diagnose
from django_scim_provider.tools.doctor.kinds import Finding, Level
from django_scim_provider.tools.http import Exchange
from django_scim_provider.tools.interruption import Interruption


@dataclass(slots=True, kw_only=True)
class Examination:
    """What the checks share."""

    exchange: Exchange
    token: str = field(repr=False)
    interruption: Interruption
    findings: list[Finding] = field(default_factory=list)
    config: Resource = field(default_factory=dict)
    """The ServiceProviderConfig, once it was read."""

    @property
    def base_url(self) -> BaseURL:
        """Return the address that is examined."""
        return self.exchange.base_url

    @property
    def errors(self) -> int:
        """Return how many errors were found."""
        return sum(finding.kind.level is Level.ERROR for finding in self.findings)

    def add(self, finding: Finding) -> None:
        """Note a finding; one kind is noted once, since one cause shows at many requests."""
        if finding.kind not in [known.kind for known in self.findings]:
            self.findings.append(finding)

    def expect(self, answer: Answer, *statuses: int) -> bool:
        """Tell whether an answer has one of these statuses; note what is wrong if not.

        A body, where there is one, has to be SCIM.
        """
        if answer.status in statuses and (not answer.content or answer.is_scim):
            return True
        self.add(diagnose(answer, self.base_url))
        return False

    def offers(self, feature: str, option: str = "supported") -> Any:
        """Return an option of a feature as ServiceProviderConfig declares it, or None."""
        found = self.config.get(feature)
        return found.get(option) if isinstance(found, dict) else None
