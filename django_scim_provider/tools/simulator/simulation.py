"""A run: the steps of a provider in their order, then the audit, then the clean-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django_scim_provider.tools.simulator.audit import AUDIT, CLEANUP
from django_scim_provider.tools.simulator.session import Session
from django_scim_provider.tools.simulator.steps import IdentityProvider, Step
from django_scim_provider.tools.simulator.traffic import GivenUp


@dataclass(slots=True, kw_only=True)
class Simulation:
    """A provider that plays its steps; ``stopped`` says why it did not play all of them."""

    provider: IdentityProvider
    session: Session
    announce: Callable[[str, int, int], None]
    """Called before each item with the step's name, how many items are done, and of how many."""
    cleanup: bool = False
    stopped: str = ""
    _done: int = 0

    def play(self) -> None:
        """Send everything; clean up also after an interruption, which goes on afterwards."""
        try:
            self._play([*self.provider.steps, *AUDIT])
        except KeyboardInterrupt:
            self.stopped = "It was interrupted."
            raise
        finally:
            if self.cleanup:
                self._play(CLEANUP)

    @property
    def good(self) -> bool:
        """Tell whether everything was sent, and answered as the provider needs it."""
        return not self.stopped and not self.session.traffic.failures

    @property
    def complaint(self) -> str:
        """Return in a sentence why the run is not good."""
        failed = len(self.session.traffic.failures)
        return self.stopped or f"{failed} answers were not as they should be."

    def _play(self, steps: Sequence[Step]) -> None:
        directory = self.session.directory
        total = self._done + sum(len(step.over(directory)) for step in steps)
        try:
            for step in steps:
                self._play_one(step, total)
        except GivenUp as error:
            self.stopped = self.stopped or str(error)

    def _play_one(self, step: Step, total: int) -> None:
        """Play a step.

        Raises:
            GivenUp: the server does not answer, or the provider stops where the step fails.
        """
        before = len(self.session.traffic.failures)
        for item in step.over(self.session.directory):
            self.announce(step.name, self._done, total)
            step.play(self.session, item)
            self._done += 1
        self.announce(step.name, self._done, total)
        if step.required and len(self.session.traffic.failures) > before:
            raise GivenUp(f"{self.provider.title} goes no further: {step.name!r} failed.")
