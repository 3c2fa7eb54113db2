"""Bags: read back by another reader, whole after a kill, and an error of one line when the disk is full."""

from __future__ import annotations

import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("rosbags", reason="pip install 'vplanner[ros]'")

from rosbags.rosbag2 import Reader
from rosbags.typesys import Stores, get_typestore

from vplanner.errors import InputError, StorageError
from vplanner_ros.bag import Bag
from vplanner_ros.recover import recover

TYPES = get_typestore(Stores.ROS2_KILTED)
FLOAT = TYPES.types["std_msgs/msg/Float64"]


def cdr(value: float) -> bytes:
    """A std_msgs/Float64 as it travels."""
    return b"\x00\x01\x00\x00" + struct.pack("<d", value)


def values_in(folder: Path) -> list[tuple[str, int, float]]:
    with Reader(folder) as reader:
        return [
            (connection.topic, time_ns, float(TYPES.deserialize_cdr(data, connection.msgtype).data))
            for connection, time_ns, data in reader.messages()
        ]


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    with Bag(tmp_path / "bag") as bag:
        bag.add_topic("/a", "std_msgs/msg/Float64")
        bag.add_topic("/b", "std_msgs/msg/Float64")
        for index in range(10):
            bag.write("/a" if index % 2 else "/b", 1_000 + index, cdr(float(index)))
            if index == 4:
                bag.flush()
    assert values_in(tmp_path / "bag") == [("/a" if i % 2 else "/b", 1_000 + i, float(i)) for i in range(10)]


def test_a_bag_is_never_written_over(tmp_path: Path) -> None:
    Bag(tmp_path / "bag").close()
    with pytest.raises(StorageError, match="exists already"):
        Bag(tmp_path / "bag")


def test_types_that_nobody_knows_are_told(tmp_path: Path) -> None:
    with Bag(tmp_path / "bag") as bag, pytest.raises(InputError, match="type 'my/msg/Own' is not known"):
        bag.add_topic("/a", "my/msg/Own")


KILLED = """
import os, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from tests_cdr import cdr
from vplanner_ros.bag import Bag
bag = Bag(Path({folder!r}))
bag.add_topic("/a", "std_msgs/msg/Float64")
for index in range(100):
    bag.write("/a", index, cdr(float(index)))
    if index in (20, 60):
        bag.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def run_killed(tmp_path: Path) -> Path:
    folder = tmp_path / "killed"
    (tmp_path / "tests_cdr.py").write_text(
        "import struct\ndef cdr(value):\n    return b'\\0\\1\\0\\0' + struct.pack('<d', value)\n"
    )
    code = KILLED.format(path=[str(tmp_path), *sys.path], folder=str(folder))
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    return folder


def test_after_a_kill_all_that_was_flushed_is_recovered(tmp_path: Path) -> None:
    folder = run_killed(tmp_path)
    assert recover(folder, tmp_path / "whole") == 61
    assert values_in(tmp_path / "whole") == [("/a", i, float(i)) for i in range(61)]


@pytest.mark.parametrize("cut", [1, 7, 100, 900])
def test_a_file_that_breaks_off_is_recovered_up_to_its_last_whole_chunk(tmp_path: Path, cut: int) -> None:
    folder = run_killed(tmp_path)
    (file,) = folder.glob("*.mcap")
    content = file.read_bytes()
    file.write_bytes(content[:-cut])
    count = recover(folder, tmp_path / "whole")
    assert count in (21, 61)
    assert [value for _, _, value in values_in(tmp_path / "whole")] == [float(i) for i in range(count)]


def test_what_is_no_bag_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no bag with one \.mcap file"):
        recover(tmp_path, tmp_path / "whole")
    (tmp_path / "x.mcap").write_bytes(b"hello")
    with pytest.raises(InputError, match="is no MCAP file"):
        recover(tmp_path, tmp_path / "whole")


FULL = """
import resource, signal, sys
sys.path[:0] = {path!r}
from pathlib import Path
from vplanner.errors import StorageError
from vplanner_ros.bag import Bag
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
bag = Bag(Path({folder!r}))
bag.add_topic("/a", "std_msgs/msg/String")
text = b"\\0\\1\\0\\0" + (1000).to_bytes(4, "little") + bytes(1000)
try:
    for index in range(1000):
        bag.write("/a", index, text)
        bag.flush()
except StorageError as error:
    print(index, error)
bag.close()
"""


def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path: Path) -> None:
    folder = tmp_path / "full"
    code = FULL.format(path=sys.path, folder=str(folder))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, _, message = done.stdout.strip().partition(" ")
    assert "recording cannot be written (File too large)" in message
    assert recover(folder, tmp_path / "whole") == int(count) > 100
