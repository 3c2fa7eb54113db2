"""Places the files by which colcon and ament find the package; all metadata lives in pyproject.toml."""

from glob import glob

from setuptools import Distribution, setup


class ReadableDistribution(Distribution):
    """colcon prints the distribution as a dictionary and reads that back, so everything in it must be a literal."""

    def parse_config_files(self, *args, **kwargs):
        """Read pyproject.toml, which turns `requires-python` into an object that cannot be read back."""
        super().parse_config_files(*args, **kwargs)
        self.python_requires = self.metadata.python_requires = str(self.python_requires)


setup(
    distclass=ReadableDistribution,
    data_files=[
        ("share/ament_index/resource_index/packages", ["resource/vplanner"]),
        ("share/vplanner", ["package.xml"]),
        ("share/vplanner/launch", glob("launch/*.launch.yaml") + glob("launch/*.launch.py")),
        ("share/vplanner/config", glob("ros_nodes/config/*.yaml")),
    ],
)
