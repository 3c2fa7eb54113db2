"""Pictures at the size of the networks, made with numpy as OpenCV would make them."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplanner.resizing import as_video, resize
from vplanner.types import Image


def picture(height: int, width: int, seed: int = 0) -> Image:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (3, 3), 1.0), dtype=np.uint8)


@given(st.integers(64, 200), st.integers(64, 200))
def test_smaller_pictures_are_those_of_opencv(height: int, width: int) -> None:
    image = picture(height, width)
    expected = cv2.resize(image, (64, 64), interpolation=cv2.INTER_AREA).astype(int)
    difference = np.abs(resize(image, 64).astype(int) - expected)
    assert difference.max() <= 1 and (difference > 0).mean() < 0.01  # one calculates in float32 in another order


def test_larger_pictures_are_those_of_opencv_up_to_its_rounding() -> None:
    expected = cv2.resize(picture(100, 90), (128, 128), interpolation=cv2.INTER_LINEAR).astype(int)
    assert np.abs(resize(picture(100, 90), 128).astype(int) - expected).max() <= 1


def test_a_picture_of_the_right_size_stays_as_it_is() -> None:
    image = picture(64, 64)
    assert resize(image, 64) is image


@pytest.mark.parametrize("seed", range(4))
def test_colour_is_halved_bit_for_bit_as_in_the_training_pictures(seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    video = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
    halved = cv2.resize(video[..., 1:], (32, 32), interpolation=cv2.INTER_AREA)
    video[..., 1:] = cv2.resize(halved, (64, 64), interpolation=cv2.INTER_NEAREST)
    np.testing.assert_array_equal(as_video(image), cv2.cvtColor(video, cv2.COLOR_YCrCb2RGB))


def test_planning_and_the_command_line_import_no_picture_library() -> None:
    code = (
        "import sys, vplanner.cli, vplanner.agent, vplanner.loop, vplanner.prompting, vplanner.serving;"
        "print([m for m in ('cv2', 'av') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_command_that_needs_pictures_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['cv2'] = None; from vplanner.cli import main;"
        "sys.exit(main(['calibrate', 'board', '--out', 'board.png']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.strip() == "vplanner: cv2 is not installed; pip install 'vplanner[media]'"
