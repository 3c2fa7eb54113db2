"""Arms from files: found where the user has them, fitted behind the same interface, missed with advice."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
import pytest

from vplanner_sim import ROBOTS, TabletopEnv, Variation, make_expert
from vplanner_sim.controller import CartesianController
from vplanner_sim.menagerie import PANDA, UR5E, VARIABLE, XARM7, MenagerieError, find_file
from vplanner_sim.rotations import DOWN, log_so3
from vplanner_sim.scene import build_kinematic_model

# Where each link of an xArm7 stands in the one before: position [m], quaternion wxyz, joint range [rad].
LINKS = (
    ("0 0 0.267", "1 0 0 0", "-6.28 6.28"),
    ("0 0 0", "1 -1 0 0", "-2.059 2.0944"),
    ("0 -0.293 0", "1 1 0 0", "-6.28 6.28"),
    ("0.0525 0 0", "1 1 0 0", "-0.19198 3.927"),
    ("0.0775 -0.3425 0", "1 1 0 0", "-6.28 6.28"),
    ("0 0 0", "1 1 0 0", "-1.69297 3.14159"),
    ("0.076 0.097 0", "1 -1 0 0", "-6.28 6.28"),
)
ARMS = {"menagerie_panda": PANDA, "menagerie_ur5e": UR5E, "menagerie_xarm7": XARM7}


def skeleton() -> str:
    """An xArm7 of frames, two hinged fingers, and everything an arm's file has that a scene must not take over."""
    body = '<body name="xarm_gripper_base_link" quat="0 0 0 1"><geom size="0.03"/>'
    for side, sign in (("left", 1), ("right", -1)):
        body += (
            f'<body name="{side}_finger" pos="0 {sign * 0.035} 0.06"><joint name="{side}_driver_joint" '
            f'axis="{sign} 0 0" range="0 0.85" armature="0.005" damping="0.1"/>'
            '<geom type="box" size="0.01 0.004 0.05" pos="0 0 0.06" mass="0.05"/></body>'
        )
    body += "</body>"
    for i in reversed(range(len(LINKS))):
        pos, quat, limits = LINKS[i]
        body = (
            f'<body name="link{i + 1}" pos="{pos}" quat="{quat}"><joint name="joint{i + 1}" axis="0 0 1" '
            f'range="{limits}" armature="0.1"/><geom size="0.04" mass="1"/>{body}</body>'
        )
    servos = "".join(
        f'<position name="act{i}" joint="joint{i}" kp="1500" kv="150" forcerange="-50 50"/>' for i in range(1, 8)
    )
    return f"""
<mujoco model="xarm7">
  <compiler angle="radian"/>
  <option integrator="RK4" impratio="10"/>
  <worldbody><light pos="0 0 2"/><body name="link_base" pos="0 0 0.12"><geom size="0.06"/>{body}</body></worldbody>
  <tendon><fixed name="split"><joint joint="left_driver_joint" coef="0.5"/></fixed></tendon>
  <equality><joint joint1="left_driver_joint" joint2="right_driver_joint"/></equality>
  <actuator>{servos}<general name="gripper" tendon="split"/></actuator>
  <contact><exclude body1="left_finger" body2="right_finger"/></contact>
  <keyframe><key name="home" qpos="0 0 0 0 0 0 0 0 0"/></keyframe>
</mujoco>"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Menagerie with nothing but the skeleton."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    file = tmp_path / XARM7.file
    file.parent.mkdir()
    file.write_text(skeleton())
    return tmp_path


def test_arm_from_a_file_does_a_task(folder: Path) -> None:
    env = TabletopEnv("reach", image_size=16, robot="menagerie_xarm7", variation=Variation(clutter=0))
    seen = env.reset(0)
    assert seen.joint_positions.shape == (7,)
    assert seen.gripper_opening == pytest.approx(1.0, abs=0.01)
    expert = make_expert(env)
    for _ in range(env.max_steps):
        if expert.done:
            break
        env.step(expert.act())
    assert expert.done
    for _ in range(4):
        env.advance(np.array([0, 0, 0.02, 0, 0, 0, 0.0]))
    assert env.scene.gripper_opening < 0.1
    env.close()


def test_scene_keeps_its_own_physics_lights_and_servo_order(folder: Path) -> None:
    built_in = TabletopEnv("reach", image_size=16, cameras=()).scene.model
    model = TabletopEnv("reach", image_size=16, cameras=(), robot="menagerie_xarm7").scene.model
    assert (model.opt.integrator, model.opt.impratio) == (built_in.opt.integrator, built_in.opt.impratio)
    assert model.nlight == built_in.nlight
    assert model.nkey == 0
    robot = ROBOTS["menagerie_xarm7"]
    driven = [model.joint(model.actuator_trnid[i, 0]).name for i in range(model.nu)]
    assert driven == [*robot.joint_names, *robot.finger_names]
    hand = model.body("arm/left_finger")
    assert model.geom_contype[hand.geomadr[0]] == 1
    assert model.geom_contype[model.body("arm/link3").geomadr[0]] == 0


def test_file_that_lacks_a_joint_is_refused_by_name(folder: Path) -> None:
    file = folder / XARM7.file
    file.write_text(file.read_text().replace("joint7", "wrist"))
    with pytest.raises(MenagerieError, match="no 'joint7'"):
        TabletopEnv("reach", robot="menagerie_xarm7")


def test_file_that_is_no_mjcf_is_refused_by_name(folder: Path) -> None:
    (folder / XARM7.file).write_text("<robot/>")
    with pytest.raises(MenagerieError, match=r"xarm7\.xml"):
        TabletopEnv("reach", robot="menagerie_xarm7")


def test_missing_file_is_an_error_that_says_how_to_get_it(folder: Path) -> None:
    with pytest.raises(MenagerieError, match=f"git clone .*mujoco_menagerie.*{VARIABLE}"):
        TabletopEnv("reach", robot="menagerie_ur5e")


def test_cache_of_robot_descriptions_is_looked_into(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("ROBOT_DESCRIPTIONS_CACHE", str(folder / "cache"))
    file = folder / "cache" / "mujoco_menagerie" / XARM7.file
    file.parent.mkdir(parents=True)
    file.write_text(skeleton())
    assert find_file(XARM7.file).is_file()


def test_home_of_the_xarm7_reaches_the_workspace_looking_down(folder: Path) -> None:
    reaches_the_workspace("menagerie_xarm7")


@pytest.mark.parametrize("name", ARMS)
def test_arm_of_an_installed_menagerie_picks_and_places(name: str) -> None:
    try:
        for file in filter(None, (ARMS[name].file, ARMS[name].gripper_file)):
            find_file(file)
    except MenagerieError:
        pytest.skip("this arm of Menagerie is not on this machine")
    reaches_the_workspace(name)
    env = TabletopEnv("pick_place", cameras=(), robot=name, variation=Variation(clutter=0))
    for seed in range(2):
        env.reset(seed)
        expert = make_expert(env)
        for _ in range(env.max_steps):
            if expert.done:
                break
            env.advance(expert.act())
        assert expert.done
    env.close()


def reaches_the_workspace(name: str) -> None:
    robot = ROBOTS[name]
    model = build_kinematic_model(robot)
    assert model.nq == len(robot.joint_names)
    data = mujoco.MjData(model)
    controller = CartesianController(robot, model, 0.2)
    for point in ([0.4, -0.14, 0.18], [0.56, 0.14, 0.28], [0.48, 0.0, 0.22]):
        data.qpos[:] = controller.reset(np.array(point), DOWN)
        mujoco.mj_kinematics(model, data)
        np.testing.assert_allclose(data.site("tcp").xpos, point, atol=1e-3)
        assert np.linalg.norm(log_so3(data.site("tcp").xmat.reshape(3, 3) @ DOWN.T)) < 0.01
