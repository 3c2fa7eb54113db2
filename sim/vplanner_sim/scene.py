"""Builds the MuJoCo model of robot, table, lights, cameras and a task's props."""

from __future__ import annotations

import mujoco

from vplanner_sim.cameras import CAMERAS, camera_xml, look_at
from vplanner_sim.robots import RobotDescription
from vplanner_sim.rotations import to_quat_wxyz

PHYSICS_DT_S = 0.004
TABLE_TEXTURES = ("wood", "grid", "fade")


def build_model(robot: RobotDescription, props_xml: str) -> mujoco.MjModel:
    """The compiled scene; `props_xml` is what a task adds to the world body."""
    if robot.attach is None:
        return mujoco.MjModel.from_xml_string(scene_xml(robot, props_xml))
    spec = mujoco.MjSpec.from_string(scene_xml(robot, props_xml))
    robot.attach(spec, True)
    for camera in CAMERAS.values():
        if camera.mount != "world":
            quat = to_quat_wxyz(look_at(camera))
            spec.body(camera.mount).add_camera(name=camera.name, pos=camera.eye, quat=quat, fovy=camera.fovy_deg)
    return spec.compile()


def build_kinematic_model(robot: RobotDescription) -> mujoco.MjModel:
    """Arm without gripper, geoms or props, for inverse kinematics."""
    if robot.attach is not None:
        spec = mujoco.MjSpec()
        robot.attach(spec, False)
        return spec.compile()
    return mujoco.MjModel.from_xml_string(
        f'<mujoco><compiler angle="radian"/><worldbody>{robot.arm_xml(False)}</worldbody></mujoco>'
    )


def scene_xml(robot: RobotDescription, props_xml: str) -> str:
    """MJCF text of the whole scene. Quality settings trade looks for speed in software rendering."""
    cameras = "".join(camera_xml(spec) for spec in CAMERAS.values() if spec.mount == "world")
    arm = robot.arm_xml(True)
    for spec in CAMERAS.values():
        if spec.mount != "world" and robot.attach is None:
            arm = _insert_into_body(arm, spec.mount, camera_xml(spec))
    return f"""
<mujoco model="tabletop">
  <compiler angle="radian"/>
  <option timestep="{PHYSICS_DT_S}" integrator="implicit" cone="elliptic" impratio="3" iterations="30" ls_iterations="20"/>
  <size memory="4M"/>
  <visual>
    <quality shadowsize="0" offsamples="0" numslices="10" numstacks="6" numquads="2"/>
    <headlight ambient="0.45 0.45 0.45" diffuse="0.35 0.35 0.35" specular="0 0 0"/>
    <map znear="0.02" zfar="20"/>
  </visual>
  <default>
    <geom friction="1.0 0.02 0.0005"/>
    <default class="hand"><geom contype="1" conaffinity="2" friction="1.6 0.05 0.001" condim="4" solimp="0.95 0.99 0.001"/></default>
    <default class="prop"><geom contype="3" conaffinity="3" condim="4" density="500"/></default>
    <default class="look"><geom contype="0" conaffinity="0" mass="0"/></default>
  </default>
  <asset>
    <texture name="wood" type="2d" builtin="gradient" mark="random" markrgb="0.45 0.33 0.22" random="0.02" rgb1="0.72 0.58 0.42" rgb2="0.62 0.48 0.33" width="128" height="128"/>
    <texture name="grid" type="2d" builtin="checker" rgb1="0.78 0.78 0.76" rgb2="0.66 0.67 0.66" width="64" height="64"/>
    <texture name="fade" type="2d" builtin="gradient" rgb1="0.5 0.55 0.6" rgb2="0.75 0.75 0.72" width="64" height="64"/>
    <material name="wood" texture="wood" texrepeat="2 2" texuniform="true" specular="0" reflectance="0"/>
    <material name="grid" texture="grid" texrepeat="5 5" texuniform="true" specular="0" reflectance="0"/>
    <material name="fade" texture="fade" texrepeat="1 1" texuniform="true" specular="0" reflectance="0"/>
  </asset>
  <worldbody>
    <light name="sun" directional="true" pos="0.5 0 2" dir="0.2 0.2 -1" diffuse="0.5 0.5 0.5" specular="0 0 0" castshadow="false"/>
    <geom name="table" type="plane" size="6 6 6" pos="0.5 0 0" rgba="0.7 0.7 0.68 1" contype="3" conaffinity="3" condim="4"/>
    {cameras}
    {arm}
    {props_xml}
  </worldbody>
  <actuator>{robot.actuator_xml()}</actuator>
</mujoco>
"""


def _insert_into_body(xml: str, body: str, child: str) -> str:
    start = xml.index(f'<body name="{body}"')
    end = xml.index(">", start) + 1
    return xml[:end] + child + xml[end:]
