"""Pictures at the size that networks read, with numpy alone, so that planning needs no picture library."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from vplanner.types import Float, Image

_BITS = 14  # of the fixed point in which video is converted
_HALF = 1 << (_BITS - 1)


def resize(image: Image, size: int) -> Image:
    """The picture (H, W, 3) at `size` x `size`: the mean of what a new pixel covers, or interpolated where it grows."""
    height, width = image.shape[:2]
    if (height, width) == (size, size):
        return image
    if (height, width) == (2 * size, 2 * size):
        return _halved(image)
    rows, columns = _weights(height, size), _weights(width, size)
    across = columns @ image.astype(np.float32)  # (H, size, 3)
    both = rows @ across.reshape(height, -1)
    return np.rint(both.reshape(size, size, -1)).astype(np.uint8)


def as_video(image: Image) -> Image:
    """The picture (H, W, 3), H and W even, as a video file gives it back: colour at half resolution (4:2:0)."""
    red, green, blue = np.ascontiguousarray(image.transpose(2, 0, 1)).astype(np.int32)
    luma = (4899 * red + 9617 * green + 1868 * blue + _HALF) >> _BITS
    offset = (128 << _BITS) + _HALF
    chroma = np.stack([11682 * (red - luma) + offset, 9241 * (blue - luma) + offset]) >> _BITS
    rows = chroma[:, ::2] + chroma[:, 1::2]
    total = rows[..., ::2] + rows[..., 1::2]
    warm, cool = (
        (total + 1 + ((total >> 2) & 1)) >> 2
    ) - 128  # halves go to the even side, as in the training pictures
    shifts = (np.stack([22987 * warm, -11698 * warm - 5636 * cool, 29049 * cool]) + _HALF) >> _BITS
    planes = luma + shifts.repeat(2, axis=1).repeat(2, axis=2)  # one shift from grey for 2 x 2 pixels
    np.clip(planes, 0, 255, out=planes)
    return np.ascontiguousarray(planes.astype(np.uint8).transpose(1, 2, 0))


def _halved(image: Image) -> Image:
    """The means of 2 x 2 pixels."""
    rows = image[::2].astype(np.uint16) + image[1::2]
    return ((rows[:, ::2] + rows[:, 1::2] + 2) >> 2).astype(np.uint8)


@lru_cache(maxsize=32)
def _weights(old: int, new: int) -> Float:
    """How much each of `old` pixels in a row counts in each of `new` ones: (new, old), rows that sum to 1."""
    ratio = old / new
    if ratio < 1.0:  # between the two nearest centres
        centres = np.clip((np.arange(new) + 0.5) * ratio - 0.5, 0.0, old - 1.0)
        weights = np.maximum(0.0, 1.0 - np.abs(centres[:, None] - np.arange(old)))
    else:  # as far as one covers the other
        left = np.arange(new)[:, None] * ratio
        first, last = np.maximum(left, np.arange(old)), np.minimum(left + ratio, np.arange(old) + 1.0)
        weights = np.maximum(0.0, last - first) / ratio
    return weights.astype(np.float32)
