"""Data sets on disk: LeRobotDataset v3, written and read with pyarrow and PyAV."""

from vplanner.data.lerobot_reader import load_arrays

__all__ = ["load_arrays"]
