"""Statistics of parts add up to those of the whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vplanner.data import stats

_ROWS = arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats(-5, 5))


@given(st.lists(_ROWS, min_size=1, max_size=5))
def test_merged_parts_equal_the_whole(parts: list[np.ndarray]) -> None:
    merged = stats.merge([stats.of_rows(part) for part in parts])
    whole = stats.of_rows(np.concatenate(parts))
    assert merged.count == whole.count
    for name in ("min", "max", "mean", "std"):
        np.testing.assert_allclose(getattr(merged, name), getattr(whole, name), atol=1e-6)


def test_pictures_are_measured_per_channel() -> None:
    images = np.zeros((2, 4, 4, 3), np.uint8)
    images[..., 2] = 255
    np.testing.assert_array_equal(stats.of_images(images).mean, [[[0]], [[0]], [[1]]])
