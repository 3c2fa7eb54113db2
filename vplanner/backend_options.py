"""How networks run and how long a plan may take, as options of several subcommands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from vplanner.errors import InputError

if TYPE_CHECKING:
    from vplanner.backends import BackendConfig


@dataclass(frozen=True, slots=True)
class PlanningOptions:
    """How plans are made in time."""

    provider: Literal["cpu", "cuda", "tensorrt"] = "cpu"
    """What runs the networks. The CPU does it where the machine lacks the others."""
    deadline_ms: float | None = None
    """Leave out sampler steps, samples and scoring where a plan would take longer; plans say what was left out."""
    overlap: bool = False
    """Plan the next chunk while the present one is carried out, so that the robot never waits."""

    def check(self) -> None:
        """Raise `InputError` for a deadline that is no time."""
        if self.deadline_ms is not None and not self.deadline_ms > 0.0:
            raise InputError(f"--deadline-ms {self.deadline_ms} is too small; it must be more than 0")

    def backend(self, threads: int | None) -> BackendConfig:
        """How networks run, on so many threads."""
        from vplanner.backends import BackendConfig
        from vplanner.providers import Provider

        return BackendConfig(threads=threads, provider=Provider(self.provider))


PlanningArgument = Annotated[PlanningOptions, tyro.conf.arg(name="")]
"""A field of this type gives a command all of the options above."""
