"""The recorder: what was sent is in the bag, under its own name and type, even when the process is killed."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rclpy", reason="pip install 'vplanner[ros,dev-ros]'")
pytest.importorskip("rosbags")

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import QoSProfile
from rosbags.rosbag2 import Reader
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from std_msgs.msg import Float64, String

from vplanner.errors import StorageError
from vplanner_ros import messages, qos
from vplanner_ros.bag import TYPES
from vplanner_ros.recorder_node import RecorderNode
from vplanner_ros.recover import recover

from .bench import Bench

pytestmark = pytest.mark.ros


def read(folder: Path, topic: str) -> list[object]:
    with Reader(folder) as reader:
        chosen = [connection for connection in reader.connections if connection.topic == topic]
        return [TYPES.deserialize_cdr(data, c.msgtype) for c, _, data in reader.messages(connections=chosen)]


def test_pictures_words_and_numbers_are_in_the_bag(bench: Bench, tmp_path: Path) -> None:
    node = bench.start(RecorderNode, autostart=True, folder=str(tmp_path), extra_topics=["my/own:std_msgs/msg/Float64"])
    bench.until(lambda: node.running, "it records")
    folder = node.bag_folder
    pictures = bench.talk(Image, "camera/front/color/image_raw", qos.IMAGE)
    words = bench.talk(String, "instruction", qos.EVENT)
    own = bench.talk(Float64, "my/own", qos.EVENT)
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    pictures.publish(messages.image_message(image, 3.25, "front_optical_frame"))
    words.publish(String(data="把红色方块放进碗里"))
    own.publish(Float64(data=0.125))
    bench.until(lambda: node.health().figures["messages"] == "3", "all three are written")
    assert node.trigger_deactivate().name == "SUCCESS"
    (picture,) = read(folder, "/camera/front/color/image_raw")
    np.testing.assert_array_equal(np.asarray(picture.data).reshape(32, 32, 3), image)
    assert (picture.header.stamp.sec, picture.header.stamp.nanosec) == (3, 250_000_000)
    assert [word.data for word in read(folder, "/instruction")] == ["把红色方块放进碗里"]
    assert [number.data for number in read(folder, "/my/own")] == [0.125]


def test_a_bag_of_simulated_time_has_no_stamps_of_the_wall_clock(bench: Bench, tmp_path: Path) -> None:
    settings = {"use_sim_time": True, "folder": str(tmp_path), "flush_period": 0.1, "pictures": False}
    node = bench.start(RecorderNode, autostart=True, **settings)
    bench.until(lambda: node.running, "it records")
    folder = node.bag_folder
    (file,) = folder.glob("*.mcap")
    words = bench.talk(String, "instruction", qos.EVENT)
    words.publish(String(data="before the clock"))
    bench.until(lambda: b"before the clock" in file.read_bytes(), "it is written")
    clock = bench.talk(Clock, "/clock", qos.CLOCK)
    clock.publish(Clock(clock=messages.stamp_of(5.5)))
    bench.until(lambda: node.now_s() == 5.5, "time has begun")
    words.publish(String(data="after it"))
    bench.until(lambda: b"after it" in file.read_bytes(), "all is written")
    assert node.trigger_deactivate().name == "SUCCESS"
    with Reader(folder) as reader:
        stamps = [stamp for connection, stamp, _ in reader.messages() if connection.topic == "/instruction"]
    assert stamps == [0, 5_500_000_000]


def test_every_activation_makes_its_own_bag(bench: Bench, tmp_path: Path) -> None:
    node = bench.start(RecorderNode, autostart=True, folder=str(tmp_path))
    bench.until(lambda: node.running, "it records")
    node.trigger_deactivate()
    node.trigger_activate()
    node.trigger_deactivate()
    assert len(list(tmp_path.glob("*/metadata.yaml"))) == 2


def test_a_killed_recorder_leaves_what_came_before(bench: Bench, tmp_path: Path) -> None:
    process = bench.spawn(
        "vplanner_ros.recorder_node", autostart=True, folder=str(tmp_path), flush_period=0.1, pictures=False
    )
    words = bench.talk(String, "instruction", QoSProfile(depth=20))
    (file,) = bench.until(lambda: list(tmp_path.glob("*/*.mcap")), "the bag is there")
    for index in range(20):
        words.publish(String(data=f"{index} " + 1000 * "x"))
    bench.until(lambda: file.read_bytes().count(1000 * b"x") == 20, "all is written")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert recover(file.parent, tmp_path / "whole") >= 20  # and what the recorder told of itself
    assert [word.data.split()[0] for word in read(tmp_path / "whole", "/instruction")] == [str(i) for i in range(20)]


def test_a_disk_that_fills_up_ends_the_recording_and_nothing_else(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = bench.start(RecorderNode, autostart=True, folder=str(tmp_path), flush_period=0.1)
    bench.until(lambda: node.running, "it records")
    words = bench.talk(String, "instruction", qos.EVENT)
    told = bench.hear(String, "recorder_node/folder", qos.LATCHED)
    bench.until(lambda: told and told[-1].data == str(node.bag_folder), "it has told where")

    def full(*_: object) -> None:
        raise StorageError("/bag: recording cannot be written (No space left on device)")

    monkeypatch.setattr(node._bag, "flush", full)
    health = bench.hear(DiagnosticArray, "/diagnostics", qos.EVENT)
    bench.until(lambda: node.bag_folder is None, "it has given up")
    words.publish(String(data="still alive"))
    bench.until(
        lambda: any("No space left on device" in s.message and s.level != b"\x00" for a in health for s in a.status),
        "diagnostics say why",
    )
    bench.until(lambda: told[-1].data == "", "nobody films into a bag that nobody writes")
    assert node.running


def test_a_folder_that_cannot_be_made_refuses_the_activation(
    bench: Bench, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    node = bench.start(RecorderNode, folder=str(tmp_path / "file"))
    assert node.trigger_configure().name == "SUCCESS"
    assert node.trigger_activate().name == "FAILURE"
    bench.run_for(0.1)
    assert "recording cannot be written (Not a directory)" in capfd.readouterr().err


def test_topics_of_unknown_type_are_refused(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    node = bench.start(RecorderNode, extra_topics=["a:my/msg/Own"])
    assert node.trigger_configure().name == "FAILURE"
    bench.run_for(0.1)
    assert "extra topic 'a:my/msg/Own' must be name:type; types are: " in capfd.readouterr().err
