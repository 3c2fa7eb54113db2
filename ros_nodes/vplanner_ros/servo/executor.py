"""The state machine between planner and robot. Time is an argument; a caller ticks it 50 times a second or more.

There are three states. *Silent*: no pose of the robot is known yet, or it is not active; nothing is sent. *Stopping and
standing*: speed goes to zero within the limits and the pose is held. *Following*: commands run along the newest chunk.

Every tick asks one question, `_stop_reason`: is there anything that forbids motion? Conditions (paused, a second
publisher, stale state) are asked anew each time. Events (a chunk that cannot be trusted, a jump of the clock, a
timeout) drop the chunk; they are told for a second, and as the last stop from then on. So every recovery is the same:
the cause goes, a new chunk comes, and motion begins from where the robot is, at speed zero.
"""

from __future__ import annotations

import numpy as np

from vplanner.errors import SafetyError
from vplanner_ros.servo.config import ServoConfig
from vplanner_ros.servo.governor import Governor
from vplanner_ros.servo.intake import leaves_workspace, read_chunk
from vplanner_ros.servo.joint_guard import JointGuard
from vplanner_ros.servo.kinematics import Arm
from vplanner_ros.servo.robot_watch import RobotWatch
from vplanner_ros.servo.status import FINE, Code, Status
from vplanner_ros.servo.track import Track, wished_twist
from vplanner_ros.servo.types import Array, Chunk, Command, Output, TcpPose

_INACTIVE = Status(Code.INACTIVE, "the executor is not active")
_WAITING = Status(Code.WAITING, "waiting for a chunk")
_PAUSED = Status(Code.PAUSED, "paused")
_ZERO = np.zeros(3)
_TOLD_S = 1.0
_LAST_WORDS_S = 0.1  # of standing still are sent before silence, so that no robot goes on with a last speed


class Executor:
    """The last word before the robot."""

    def __init__(self, config: ServoConfig, arm: Arm | None = None) -> None:
        """Not active; `arm` brings the guard of singularities and joint bounds."""
        self._config = config
        self._guard = None if arm is None else JointGuard(arm, config.joints)
        self.robot = RobotWatch(config, arm is not None)
        self._governor: Governor | None = None
        self._track: Track | None = None
        self._clamped = 0.0
        self._opening: float | None = None
        self._newest_stamp_s: float | None = None
        self._event, self._inactive, self._deaf = _WAITING, _INACTIVE, ""
        self._event_s: float | None = None
        self._active = self._paused = self._emergency = self._button = False
        self._crowded: dict[str, int] = {}
        self._talked_over = False
        self._last_tick_s: float | None = None
        self._standing_since_s: float | None = None

    # Orders ---------------------------------------------------------------------------------------------------------

    def activate(self) -> None:
        """From the next tick on commands are given, once the robot's pose is known. Pause and latch stay."""
        self._active = True
        self._governor = self._last_tick_s = None
        self._drop(_WAITING)

    def deactivate(self, reason: str = "") -> None:
        """Stop; the caller ticks on until it stands."""
        self._active = False
        self._inactive = Status(Code.INACTIVE, reason) if reason else _INACTIVE
        self._drop(_WAITING)

    def pause(self, paused: bool) -> None:
        """Stop and stand, or go on with the next chunk."""
        if paused != self._paused:
            self._paused = paused
            self._drop(_WAITING)

    def emergency_stop(self, pressed: bool) -> None:
        """Stop, latched until `clear`; that the button is let go does not clear."""
        self._button = pressed
        if pressed:
            self._emergency = True
            self._drop(_WAITING)

    def clear(self) -> None:
        """Clear the latched emergency stop. Raises `SafetyError` while its button is pressed."""
        if self._button:
            raise SafetyError("emergency_stop is still true; send false first")
        self._emergency = False

    # What is reported -----------------------------------------------------------------------------------------------

    def clock_jumped(self, by_s: float) -> None:
        """The clock of stamps jumped: no stamp from before can be compared with now."""
        self._newest_stamp_s = None
        self._drop(Status(Code.CLOCK_JUMP, f"the clock jumped by {by_s:+.3f} s"))

    def publishers(self, chunk: int, command: int) -> None:
        """So many send chunks, and so many send commands, the executor included."""
        self._crowded = {topic: n for topic, n in (("chunk", chunk), ("the command topic", command)) if n > 1}
        self._talked_over = command > 1

    def incompatible_publisher(self, reason: str) -> None:
        """Someone sends chunks in a way that cannot be received; told while none comes."""
        self._deaf = reason

    def refuse(self, reason: str) -> Status:
        """A message came that is no chunk."""
        self._drop(Status(Code.INVALID, reason))
        return self._event

    def offer(self, chunk: Chunk, now: float, stamp_now: float) -> Status:
        """Follow `chunk` from now on, unless it cannot be trusted; a chunk without targets asks to hold.

        `now` and `stamp_now` [s] are the same moment on the steady clock and on the clock of stamps.
        """
        stop = self._condition(now)
        if stop is not None:
            return stop
        if self._governor is None:
            return self._rest_reason(now)
        if len(chunk.offsets_s) == 0:
            self._drop(Status(Code.WAITING, "the planner asks to hold"))
            return self._event
        self._hold_where_robot_is(now, self._config.tolerances.held_m, self._config.tolerances.held_rad)
        try:
            track = read_chunk(chunk, self._config, self._commanded(), now, stamp_now, self._newest_stamp_s)
        except SafetyError as error:
            return self.refuse(str(error))
        self._track, self._newest_stamp_s = track, chunk.stamp_s
        self._clamped = leaves_workspace(chunk, self._config)
        self._deaf = ""
        return FINE

    # Time -----------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> Output:
        """Move on to `now` [s] on the steady clock."""
        dt_s = 0.0 if self._last_tick_s is None else max(0.0, now - self._last_tick_s)
        self._last_tick_s = now
        if self._event_s is None:
            self._event_s = now
        if self._governor is None:
            self._begin(now)
        if self._governor is None:
            return Output(None, self._condition(now) or self._rest_reason(now), True)
        if dt_s > self._config.timeouts.max_tick_gap:
            self._governor.freeze()  # nothing was sent for so long that the robot has stopped by itself
            self._drop(Status(Code.LATE_TICK, f"the executor itself stood still for {dt_s:.2f} s"))
        linear, angular, status = self._wish(now, dt_s)
        self._governor.step(linear, angular, dt_s)
        if not self._governor.standing:
            self._standing_since_s = None
        elif self._standing_since_s is None:
            self._standing_since_s = now
        return self._output(status, now)

    def _begin(self, now: float) -> None:
        """Leave silence once the robot's pose is known."""
        if self._active and self.robot.pose is not None and self.robot.stale(now) is None:
            self._governor = Governor(self._config.motion, self.robot.pose)
            self._standing_since_s = now

    def _wish(self, now: float, dt_s: float) -> tuple[Array, Array, Status]:
        """The twist to aim for and the reason for it."""
        stop = self._stop_reason(now)
        if stop is not None or self._track is None or self._governor is None:
            self._hold_where_robot_is(now, self._config.tolerances.following_m, self._config.tolerances.following_rad)
            return _ZERO, _ZERO, stop or self._event
        reference = self._track.at(now)
        self._open_gripper(reference.opening, dt_s)
        if self._config.measured_start and (measured := self.robot.news()) is not None:
            self._governor.anchor(measured)
        linear, angular = wished_twist(reference, self._commanded(), self._config.motion)
        if self._guard is not None and self.robot.joints is not None:
            allowed = self._guard.judge(self.robot.joints, np.concatenate([linear, angular]))
            if allowed.status.code is not Code.NO_WARNING:
                return allowed.share * linear, allowed.share * angular, allowed.status
        if self._clamped > 1e-6:
            reason = f"targets up to {self._clamped:.3f} m outside the workspace; held at its border"
            return linear, angular, Status(Code.WORKSPACE_BOUND, reason)
        return linear, angular, FINE

    def _stop_reason(self, now: float) -> Status | None:
        """Why the robot must stop or stand; None when it may follow its chunk."""
        stop = self._condition(now)
        if stop is None and self._track is not None:
            stop = self.robot.not_following(self._commanded())
        limit = self._config.timeouts.incoming_command_timeout
        if stop is None and self._track is not None and now - self._track.accepted_s > limit:
            stop = Status(Code.STALE_COMMAND, f"no chunk came for {limit} s")
        if stop is not None and self._track is not None:
            self._drop(stop if stop.code in (Code.STALE_COMMAND, Code.NOT_FOLLOWING) else _WAITING)
        return stop or (self._rest_reason(now) if self._track is None else None)

    def _rest_reason(self, now: float) -> Status:
        """Why there is no chunk to follow. What stopped the robot a while ago forbids nothing now, so it waits."""
        event = self._event
        if self._deaf and event.code in (Code.WAITING, Code.STALE_COMMAND):
            return Status(Code.INCOMPATIBLE_QOS, self._deaf)
        if event.code is Code.WAITING or self._event_s is None or now - self._event_s < _TOLD_S:
            return event
        return Status(Code.WAITING, f"waiting for a chunk; the last stop was {event.code.name}: {event.reason}")

    def _condition(self, now: float) -> Status | None:
        """The most serious condition that forbids motion now."""
        if self._emergency:
            return Status(Code.EMERGENCY_STOP, "emergency stop; send false and call clear to go on")
        if not self._active:
            return self._inactive
        if self._paused:
            return _PAUSED
        if self._crowded:
            told = " and ".join(f"{count} publishers on {topic}" for topic, count in self._crowded.items())
            return Status(Code.SECOND_PUBLISHER, f"{told}; there must be one")
        return self.robot.stale(now)

    def _drop(self, why: Status) -> None:
        """Forget the chunk; `why` is told until the next one."""
        self._track = None
        self._event, self._event_s = why, None

    def _hold_where_robot_is(self, now: float, beyond_m: float, beyond_rad: float) -> None:
        """A robot that stands elsewhere was moved by other means: the pose to hold is its own, so that it stays."""
        if self._track is not None or self._standing_since_s is None or self.robot.stale(now) is not None:
            return
        if now - self._standing_since_s < self._config.timeouts.settle:
            return  # it may still be on its way to where it was told to stop
        far, turned = self.robot.distance(self._commanded())
        if self.robot.pose is not None and (far > beyond_m or turned > beyond_rad):
            assert self._governor is not None
            self._governor.anchor(self.robot.pose)

    def _commanded(self) -> TcpPose:
        assert self._governor is not None
        return TcpPose(self._governor.position, self._governor.R)

    def _open_gripper(self, opening: float, dt_s: float) -> None:
        """Bring the opening nearer to the one that is due; a gripper that was never commanded is told it at once."""
        if self._opening is None:
            self._opening = opening
        most = self._config.motion.gripper * dt_s
        self._opening += float(np.clip(opening - self._opening, -most, most))

    def _output(self, status: Status, now: float) -> Output:
        governor, since_s = self._governor, self._standing_since_s
        assert governor is not None
        said = since_s is not None and now - since_s > _LAST_WORDS_S
        if said and (self._talked_over or not self._active):
            return Output(None, status, True)  # two who hold the robot in two places would tear at it
        command = Command(governor.position, governor.quat_wxyz, governor.linear, governor.angular, self._opening)
        return Output(command, status, governor.standing)
