"""Where cameras are and how they see, from pictures of a ChArUco board (docs/calibration.md)."""
