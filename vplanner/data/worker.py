"""What a collecting process does: it keeps one simulator and one student, and fills files with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vplanner.data.episode import NamedCamera
from vplanner.data.jobs import FileJob, fill_file
from vplanner.data.pool import report_piece
from vplanner.sim_robot import calibration

if TYPE_CHECKING:
    from vplanner.data.student import Student
    from vplanner_sim import TabletopEnv

IMAGE_SIZE = 64
_SUPERSAMPLE = 2


@dataclass(slots=True)
class _Worker:
    """What this process keeps from one file to the next."""

    env: TabletopEnv | None = None
    student: Student | None = None

    def trained(self, bundle: Path | None) -> Student | None:
        """Return the networks of the bundle, opened once; None without a bundle."""
        if self.student is None and bundle is not None:
            from vplanner.data.student import Student

            self.student = Student(bundle)
        return self.student

    def simulator(self, task: str) -> TabletopEnv:
        """Return a simulator of the task, the last one where it fits; who plans the jobs checks that there is one."""
        if self.env is not None and self.env.task.name != task:
            self.env.close()
            self.env = None
        if self.env is None:
            self.env = _simulator(task)
        return self.env


_worker = _Worker()


def fill(job: FileJob) -> None:
    """Fill one file.

    Raises:
        MissingDependencyError: when the machine cannot render.
        StoppedError: when the parent wants no more.
    """
    fill_file(job, _worker.simulator(job.task), _worker.trained(job.student), report_piece)


def cameras_of(task: str) -> tuple[NamedCamera, ...]:
    """The cameras that the files of any task are seen with; draws nothing."""
    return tuple(NamedCamera(name, model) for name, model in calibration(_simulator(task)).items())


def _simulator(task: str) -> TabletopEnv:
    from vplanner_sim import TabletopEnv

    return TabletopEnv(task, image_size=IMAGE_SIZE, supersample=_SUPERSAMPLE)
