"""From SE(3) steps to joint targets: mink differential inverse kinematics with joint and velocity limits."""

from __future__ import annotations

import mink
import mujoco
import numpy as np
import qpsolvers
from numpy.typing import NDArray

from vplanner_sim.robots import RobotDescription
from vplanner_sim.rotations import exp_so3, log_so3

_ITERATIONS = 2
_MAX_LEAD_M = 0.03
_MAX_LEAD_RAD = 0.35
_DAMPING = 1e-6
_MAX_TRACKING_LEAD_M = 0.06  # a pose in motion is ahead of the arm by its speed times the lag of the joints, too


class CartesianController:
    """Keeps a reference TCP pose, moves it by SE(3) steps, and gives the joint targets that reach it."""

    def __init__(self, robot: RobotDescription, model: mujoco.MjModel, dt_s: float) -> None:
        self._configuration = mink.Configuration(model)
        self._task = mink.FrameTask(robot.tcp_site, "site", position_cost=1.0, orientation_cost=0.4, lm_damping=1e-3)
        self._posture = mink.PostureTask(model, cost=2e-3)
        self._posture.set_target(robot.home)
        limits = {name: float(v) for name, v in zip(robot.joint_names, robot.velocity_limits, strict=True)}
        self._limits = (mink.ConfigurationLimit(model), mink.VelocityLimit(model, limits))
        self._dt_s = dt_s
        self._home = robot.home
        self._site = robot.tcp_site
        self.position = np.zeros(3)
        self.rotation = np.eye(3)

    def reset(self, position: NDArray[np.float64], rotation: NDArray[np.float64]) -> NDArray[np.float64]:
        """Joint angles [rad] that put the TCP at this pose, found from the home configuration."""
        self._configuration.update(self._home.copy())
        self.position, self.rotation = position.copy(), rotation.copy()
        for _ in range(40):
            self._solve(self._dt_s)
        return self._configuration.q.copy()

    def step(
        self, joints: NDArray[np.float64], measured_position: NDArray[np.float64],
        measured_rotation: NDArray[np.float64], twist: NDArray[np.float64],
    ) -> NDArray[np.float64]:  # fmt: skip
        """Joint targets [rad] at the end of a step that moves the reference by `twist` ([m], rotation vector [rad]).

        The reference never runs further ahead of the measured pose than a small lead, so that pushing against
        something does not wind it up.
        """
        lead = self.position - measured_position
        lead *= min(1.0, _MAX_LEAD_M / max(float(np.linalg.norm(lead)), 1e-9))
        self.position = measured_position + lead + twist[:3]
        turn = log_so3(self.rotation @ measured_rotation.T)
        turn *= min(1.0, _MAX_LEAD_RAD / max(float(np.linalg.norm(turn)), 1e-9))
        self.rotation = exp_so3(twist[3:]) @ exp_so3(turn) @ measured_rotation
        return self._follow(joints, self._dt_s)

    def track(
        self, joints: NDArray[np.float64], measured_position: NDArray[np.float64],
        measured_rotation: NDArray[np.float64], position: NDArray[np.float64], rotation: NDArray[np.float64],
        dt_s: float,
    ) -> NDArray[np.float64]:  # fmt: skip
        """Joint targets [rad] `dt_s` [s] from now for a reference that is an absolute pose.

        The reference is brought nearer to the measured pose when it is too far ahead.
        """
        lead = position - measured_position
        lead *= min(1.0, _MAX_TRACKING_LEAD_M / max(float(np.linalg.norm(lead)), 1e-9))
        turn = log_so3(rotation @ measured_rotation.T)
        turn *= min(1.0, _MAX_LEAD_RAD / max(float(np.linalg.norm(turn)), 1e-9))
        self.position, self.rotation = measured_position + lead, exp_so3(turn) @ measured_rotation
        return self._follow(joints, dt_s)

    def _follow(self, joints: NDArray[np.float64], dt_s: float) -> NDArray[np.float64]:
        """Joint angles [rad] nearer to the reference, from `joints`, as far as `dt_s` [s] allow."""
        self._configuration.update(joints.copy())
        for _ in range(_ITERATIONS):
            self._solve(dt_s / _ITERATIONS)
        return self._configuration.q.copy()

    def _solve(self, dt_s: float) -> None:
        self._task.set_target(
            mink.SE3.from_rotation_and_translation(mink.SO3.from_matrix(self.rotation), self.position)
        )
        tasks = [self._task, self._posture]
        # As `mink.solve_ik`, but for its check of the present joints, which costs more than the solver; and most steps
        # are far from every limit, where the minimum of the objective alone is the solution.
        objective = mink.build_ik(self._configuration, tasks, dt_s, damping=_DAMPING, limits=[])
        way = np.linalg.solve(objective.P, -objective.q)
        if not self._within_limits(way, dt_s):
            problem = mink.build_ik(self._configuration, tasks, dt_s, damping=_DAMPING, limits=self._limits)
            solution = qpsolvers.solve_problem(problem, "daqp")
            if solution.x is None:
                raise mink.NoSolutionFound("daqp")
            way = solution.x
        self._configuration.integrate_inplace(way / dt_s, dt_s)

    def _within_limits(self, way: NDArray[np.float64], dt_s: float) -> bool:
        """Whether a way of the joints (n,) [rad] in `dt_s` keeps every limit, as the limits of the problem would."""
        position, velocity = self._limits
        joints = self._configuration.q
        most = np.minimum(position.gain * (position.upper - joints), velocity.limit * dt_s)
        least = np.maximum(position.gain * (position.lower - joints), -velocity.limit * dt_s)
        return bool(((way <= most) & (way >= least)).all())
