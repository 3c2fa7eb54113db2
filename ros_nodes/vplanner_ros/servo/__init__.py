"""The core of the executor, pure Python: what is trusted, how fast, where, and when to stop. Time is an argument."""

from vplanner_ros.servo.config import JointLimits, MotionLimits, ServoConfig, Timeouts, Tolerances
from vplanner_ros.servo.executor import Executor
from vplanner_ros.servo.kinematics import ARMS, Arm, find_arm
from vplanner_ros.servo.status import Code, Status
from vplanner_ros.servo.types import Chunk, Command, Output, TcpPose

__all__ = [
    "ARMS", "Arm", "Chunk", "Code", "Command", "Executor", "JointLimits", "MotionLimits", "Output", "ServoConfig",
    "Status", "TcpPose", "Timeouts", "Tolerances", "find_arm",
]  # fmt: skip
