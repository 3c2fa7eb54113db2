"""The robot behind the topics, as the closed loop knows robots: chunks go out, observations come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from vplanner.errors import SafetyError
from vplanner.protocols import Clock
from vplanner.transforms import Array, integrate_steps, matrix_from_quat, quat_from_matrix, so3_exp, so3_log
from vplanner.types import ActionChunk, Observation
from vplanner_ros.messages import PoseChunk
from vplanner_ros.senses import Senses

_MAX_LEAD_M = 0.03  # as the simulated arm that the networks were trained on
_MAX_LEAD_RAD = 0.35


class TopicRobot:
    """A `StreamingRobot`: steps become absolute targets from where the hand was sent last."""

    def __init__(self, senses: Senses, send: Callable[[PoseChunk], None], now_s: Clock, settle_s: float) -> None:
        """Send chunks with `send`; look `settle_s` [s] after the last step should be done."""
        self._senses = senses
        self._send = send
        self._now_s = now_s
        self._settle_s = settle_s
        self._sent: tuple[Array, Array] | None = None
        self._done_s = 0.0

    def observe(self) -> Observation:
        """What is seen after all that was sent is done."""
        return self._senses.observe(self._done_s)

    def execute(self, chunk: ActionChunk) -> None:
        """Carry out the steps. Raises `SafetyError` when they are not finite, or the robot is kept from following."""
        for _ in self.stream(chunk):
            pass

    def stream(self, chunk: ActionChunk) -> Iterator[Observation]:
        """Carry out the steps; gives what is seen after each. Raises as `execute`, and as `Senses.observe`."""
        if not np.isfinite(chunk.steps).all():
            raise SafetyError("command is not finite; the robot stays where it is")
        position, rotation = self._start()
        positions, rotations = integrate_steps(position, rotation, chunk.steps)
        count = len(chunk.steps)
        start_s = self._now_s()
        quats = quat_from_matrix(np.concatenate([rotation[None], rotations]))
        openings = np.concatenate([chunk.steps[:1, 6], chunk.steps[:, 6]]).astype(np.float64)
        times = chunk.dt_s * np.arange(count + 1, dtype=np.float64)
        self._send(PoseChunk(start_s, times, np.concatenate([position[None], positions]), quats, openings))
        self._done_s = start_s + count * chunk.dt_s + self._settle_s
        for index in range(1, count + 1):
            self._sent = positions[index - 1], rotations[index - 1]
            at_s = self._done_s if index == count else start_s + index * chunk.dt_s
            yield self._senses.observe(at_s, moving=True)

    def stop(self) -> None:
        """Hold the present pose."""
        nothing = np.zeros(0)
        self._send(PoseChunk(self._now_s(), nothing, np.zeros((0, 3)), np.zeros((0, 4)), nothing))
        self._sent = None

    def _start(self) -> tuple[Array, Array]:
        """Position and rotation that the next steps count from: the last target, but not far ahead of the hand.

        Counting from the measured pose would lose what the arm lags behind, at every replan anew.
        """
        measured, quat = self._senses.measured()
        R_measured = matrix_from_quat(quat)
        if self._sent is None:
            return measured, R_measured
        lead = _shortened(self._sent[0] - measured, _MAX_LEAD_M)
        turn = _shortened(so3_log(self._sent[1] @ R_measured.T), _MAX_LEAD_RAD)
        return measured + lead, so3_exp(turn) @ R_measured


def _shortened(vector: Array, longest: float) -> Array:
    return vector * min(1.0, longest / max(float(np.linalg.norm(vector)), 1e-9))
