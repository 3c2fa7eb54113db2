"""The simulated robot behind `sim_node`: physics in one thread, pictures in another, no ROS."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vplanner.errors import InputError
from vplanner.sim_robot import IMAGE_SIZE, VIEWS, calibration, make_env
from vplanner.transforms import Array, quat_from_matrix
from vplanner.types import CameraModel, Image
from vplanner_ros.sim_command import Command

if TYPE_CHECKING:
    import mujoco

    from vplanner_sim import TabletopEnv

_LAG_S = 0.1  # further behind the wall clock than this, simulated time runs slower rather than in bursts


@dataclass(frozen=True, slots=True)
class Reading:
    """What the robot measures at `time_s` [s]: joints (7,) [rad], TCP pose in the base frame, gripper opening."""

    time_s: float
    joints: Array
    position: Array
    quat_wxyz: Array
    opening: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the simulator knows of the scene's own task."""

    success: bool
    progress: float
    reached: int


class SimWorld:
    """One scene that runs by itself. Listeners are called from its threads."""

    def __init__(
        self,
        tick_s: float,
        picture_s: float,
        speed: float,
        lead_s: float,
        command: Command,
        on_tick: Callable[[Reading], None],
        on_pictures: Callable[[float, dict[str, Image]], None],
        on_judgement: Callable[[Judgement], None],
    ) -> None:
        """Tick every `tick_s` [s], draw every `picture_s` [s], `speed` times as fast as the wall clock (0: no wait).

        With a `lead_s` above 0 [s] time does not run further ahead of the newest command than that, as long as somebody
        sends commands, and no picture is left out: a busy machine makes everything slow, and nothing late.
        """
        self._tick_s, self._picture_s, self._speed, self._lead_s = tick_s, picture_s, speed, lead_s
        self._command = command
        self._on_tick, self._on_pictures, self._on_judgement = on_tick, on_pictures, on_judgement
        self._env: TabletopEnv | None = None
        self._task = ""
        self._verdict: Judgement | None = None
        self._time_s = 0.0
        self._stop, self._paused = threading.Event(), threading.Event()
        self._physics_lock = threading.Lock()  # held for a tick, a reset, or the copy that is drawn
        self._picture_wanted, self._picture_drawn = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self.failure: BaseException | None = None
        self.dropped = 0  # pictures that were due while the last one was still being drawn
        self.real_time_factor = 0.0

    @property
    def cameras(self) -> dict[str, CameraModel]:
        """Nominal calibration by view. A scene must have been arranged."""
        return calibration(self._arranged)

    @property
    def joint_names(self) -> tuple[str, ...]:
        """Names of the arm's joints. A scene must have been arranged."""
        return self._arranged.scene.robot.joint_names

    @property
    def instruction(self) -> str:
        """The scene's own task, in words. A scene must have been arranged."""
        return self._arranged.instruction

    @property
    def time_s(self) -> float:
        """Simulated time [s]; it never runs back."""
        return self._time_s

    def arrange(self, task: str, seed: int) -> None:
        """Set the scene up anew. Raises `InputError` for an unknown task or a negative seed."""
        if seed < 0:
            raise InputError(f"seed is {seed}; it must be 0 or more")
        env = make_env(task, IMAGE_SIZE) if task != self._task or self._env is None else self._env
        with self._physics_lock:
            env.arrange(seed)
            self._command.forget()
            self._time_s = round(self._time_s + self._tick_s, 6)  # no stamp belongs to two scenes
            self._env, self._task = env, task
            self._verdict = None

    def start(self) -> None:
        """Let time run. A scene must have been arranged."""
        self._stop.clear()
        self.failure = None
        self._picture_drawn.set()
        self._threads = [
            threading.Thread(target=self._guard, args=(loop,), name=loop.__name__, daemon=True)
            for loop in (self._run_physics, self._run_drawing)
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let time stand still and end the threads; may be called twice."""
        self._stop.set()
        self._picture_wanted.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def pause(self, paused: bool) -> None:
        """Let time stand still, or go on."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    @property
    def _arranged(self) -> TabletopEnv:
        if self._env is None:
            raise RuntimeError("arrange a scene first")
        return self._env

    def _guard(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except Exception as error:  # told by the node, which cannot see into this thread
            self.failure = error
            self._stop.set()

    def _run_physics(self) -> None:
        anchor_wall, anchor_sim = time.perf_counter(), self._time_s
        next_picture = next_judgement = self._time_s
        while not self._stop.is_set():
            if self._paused.is_set():
                self._stop.wait(0.02)
                anchor_wall, anchor_sim = time.perf_counter(), self._time_s
                continue
            if self._lead_s > 0.0:
                self._command.await_since(self._time_s - self._lead_s)
            with self._physics_lock:
                self._tick()
                reading = self._read()
                judged = None
                if self._time_s >= next_judgement - 1e-9:
                    next_judgement += self._arranged.dt_s
                    judged = self._judge()
            self._on_tick(reading)
            if judged is not None:
                self._on_judgement(judged)
            if self._time_s >= next_picture - 1e-9:
                next_picture += self._picture_s
                self._want_picture()
            anchor_wall, anchor_sim = self._pace(anchor_wall, anchor_sim)

    def _tick(self) -> None:
        env = self._arranged
        pose, opening = self._command.next(self._tcp, self._time_s, self._tick_s)
        if pose is None:
            env.hold(opening, self._tick_s)
        else:
            env.track(*pose, opening, self._tick_s)
        self._time_s = round(self._time_s + self._tick_s, 6)

    def _pace(self, wall: float, sim: float) -> tuple[float, float]:
        """Wait until it is time for the next tick; returns where both clocks are counted from."""
        elapsed = time.perf_counter() - wall
        if elapsed > 0.0:
            self.real_time_factor = (self._time_s - sim) / elapsed
        if self._speed == 0.0:
            return wall, sim
        ahead = (self._time_s - sim) / self._speed - elapsed
        if ahead > 0.0:
            self._stop.wait(ahead)
        elif ahead < -_LAG_S:
            return time.perf_counter(), self._time_s
        return wall, sim

    def _want_picture(self) -> None:
        """Have a picture drawn; where no clock must be kept up with, wait for the one before."""
        if self._speed == 0.0 or self._lead_s > 0.0:
            while not self._picture_drawn.wait(0.1) and not self._stop.is_set():
                pass
        if self._picture_drawn.is_set():
            self._picture_drawn.clear()
            self._picture_wanted.set()
        else:
            self.dropped += 1

    def _run_drawing(self) -> None:
        from vplanner_sim.rendering import SceneRenderer

        renderer: SceneRenderer | None = None
        drawn: TabletopEnv | None = None
        copy: mujoco.MjData | None = None
        try:
            while True:
                self._picture_wanted.wait()
                self._picture_wanted.clear()
                if self._stop.is_set():
                    return
                env = self._arranged
                if renderer is None or drawn is not env:
                    if renderer is not None:
                        renderer.close()
                    renderer, drawn, copy = SceneRenderer(env.scene.model), env, None
                with self._physics_lock:
                    if self._env is not env:  # another scene was arranged meanwhile: begin anew with that one
                        self._picture_wanted.set()
                        continue
                    stamp_s, copy = self._time_s, _copied(env, copy)
                pictures = dict(zip(VIEWS, renderer.rgb(copy, VIEWS, IMAGE_SIZE, IMAGE_SIZE, 1), strict=True))
                self._picture_drawn.set()
                self._on_pictures(stamp_s, pictures)
        finally:
            if renderer is not None:
                renderer.close()

    def _tcp(self) -> tuple[Array, Array]:
        scene = self._arranged.scene
        return scene.tcp_position, scene.tcp_rotation

    def _read(self) -> Reading:
        scene = self._arranged.scene
        position, rotation = self._tcp()
        quat = quat_from_matrix(rotation)
        return Reading(self._time_s, scene.joints, position, quat, scene.gripper_opening)

    def _judge(self) -> Judgement | None:
        """The simulator's verdict when it has changed. Success stays: it counts once the task was done."""
        truth = self._arranged.truth()
        success = truth.success or (self._verdict is not None and self._verdict.success)
        judgement = Judgement(success, truth.progress, truth.reached)
        if judgement == self._verdict:
            return None
        self._verdict = judgement
        return judgement


def _copied(env: TabletopEnv, copy: mujoco.MjData | None) -> mujoco.MjData:
    import mujoco

    target = mujoco.MjData(env.scene.model) if copy is None else copy
    mujoco.mj_copyData(target, env.scene.model, env.scene.data)
    return target
