"""The planner beside a real robot's driver, with ROS 2's own launch: `ros2 launch vplanner robot.launch.py robot:=...`.

What YAML cannot say is here: plan_and_execute.launch.yaml starts only once somebody publishes the robot's pose, and
MoveIt Servo is told before that twists will come. It begins in shadow mode (`execute:=false`). Not tried on a robot.
"""

from launch import Action, LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    ExecuteProcess,
    IncludeLaunchDescription,
    RegisterEventHandler,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.events.process import ProcessExited
from launch.launch_description_sources import AnyLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.substitutions import FindPackageShare

_WAIT_FOR_POSE = """
for second in $(seq 60); do
  ros2 topic info current_pose 2>/dev/null | grep -q 'Publisher count: [1-9]' && exit 0
  sleep 1
done
echo 'nobody publishes current_pose after 60 s; is the driver running, and its pose remapped to that name?' >&2
exit 1
"""
_SWITCH_SERVO = [
    "ros2", "service", "call", "/servo_node/switch_command_type", "moveit_msgs/srv/ServoCommandType",
    "{command_type: 1}",
]  # fmt: skip
_FORWARDED = ("robot", "instruction", "execute", "record", "extrinsics_file")


def generate_launch_description() -> LaunchDescription:
    """Wait for the robot, then start the nodes; shut down when it does not come."""
    wait = ExecuteProcess(cmd=["bash", "-c", _WAIT_FOR_POSE], name="wait_for_robot", output="screen")
    return LaunchDescription(
        [
            DeclareLaunchArgument("robot", choices=["panda_crisp", "ur5e_servo", "xarm_servo"]),
            DeclareLaunchArgument("instruction", default_value=""),
            DeclareLaunchArgument("execute", default_value="false", choices=["true", "false"]),
            DeclareLaunchArgument("record", default_value="true", choices=["true", "false"]),
            DeclareLaunchArgument("extrinsics_file", description="Poses of the cameras, from `vplanner calibrate`"),
            RegisterEventHandler(OnProcessExit(target_action=wait, on_exit=_start)),
            wait,
        ]
    )


def _start(event: ProcessExited, context: LaunchContext) -> list[Action]:
    """What follows when the wait is over."""
    if event.returncode != 0:
        return [EmitEvent(event=Shutdown(reason="the robot is not there"))]
    file = PathJoinSubstitution([FindPackageShare("vplanner"), "launch", "plan_and_execute.launch.yaml"])
    nodes = IncludeLaunchDescription(
        AnyLaunchDescriptionSource(file),
        launch_arguments=[(name, LaunchConfiguration(name)) for name in _FORWARDED],
    )
    if not context.launch_configurations["robot"].endswith("_servo"):
        return [nodes]
    switch = ExecuteProcess(cmd=_SWITCH_SERVO, name="switch_servo", output="screen")
    return [RegisterEventHandler(OnProcessExit(target_action=switch, on_exit=[nodes])), switch]
