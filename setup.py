"""Places the files by which colcon and ament find the package; all metadata lives in pyproject.toml."""

from glob import glob

from setuptools import setup

setup(
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/vplanner"]),
        ("share/vplanner", ["package.xml"]),
        ("share/vplanner/launch", glob("launch/*.launch.yaml") + glob("launch/*.launch.py")),
        ("share/vplanner/config", glob("ros_nodes/config/*.yaml")),
    ],
)
