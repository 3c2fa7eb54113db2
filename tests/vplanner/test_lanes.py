"""Calls cut into rows that threads of their own compute."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import load_bundle
from vplanner.lanes import Lanes
from vplanner.networks import ENCODER_FEEDS
from vplanner.types import Float


@given(st.integers(1, 5), st.integers(1, 9))
def test_rows_come_back_in_order_whoever_computed_them(count: int, rows: int) -> None:
    sizes = []

    def compute(inputs: tuple[Float, ...]) -> list[Float]:
        own, shared = inputs
        sizes.append(len(own))
        assert len(shared) == 1
        return [own + shared, own[:, 0]]

    own = np.arange(2 * rows, dtype=np.float32).reshape(rows, 2)
    total, first = Lanes(count).run(compute, (own, np.full((1, 2), 0.5, np.float32)))
    np.testing.assert_array_equal(total, own + 0.5)
    np.testing.assert_array_equal(first, own[:, 0])
    assert sum(sizes) == rows and len(sizes) == min(count, rows) and max(sizes) - min(sizes) <= 1


def test_parts_are_computed_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=30.0)  # breaks unless three threads stand before it

    def compute(inputs: tuple[Float, ...]) -> list[Float]:
        meeting.wait()
        return [inputs[0]]

    Lanes(3).run(compute, (np.zeros((3, 1), np.float32),))


def test_what_goes_wrong_in_a_lane_is_raised() -> None:
    def compute(inputs: tuple[Float, ...]) -> list[Float]:
        if inputs[0][0, 0] == 1.0:
            raise MemoryError("the second row")
        return [inputs[0]]

    with pytest.raises(MemoryError, match="the second row"):
        Lanes(2).run(compute, (np.arange(2, dtype=np.float32)[:, None],))


def test_a_network_gives_the_same_on_any_number_of_threads(bundle_folder: Path) -> None:
    bundle = load_bundle(bundle_folder)
    images = np.random.default_rng(0).random((5, 3, 64, 64), dtype=np.float32)
    found = [
        OnnxNetwork(bundle, "tokenizer_encoder", ENCODER_FEEDS, BackendConfig(threads, spinning)).run(images)[0]
        for threads, spinning in ((1, False), (2, False), (6, False), (2, True))
    ]
    for latents in found[1:]:
        np.testing.assert_allclose(latents, found[0], atol=1e-5)


def test_threads_become_lanes_and_what_is_left_shares_operators() -> None:
    assert [BackendConfig(threads).lanes for threads in (1, 2, 4, 16)] == [1, 2, 4, 4]
    assert BackendConfig(4, spinning=True).lanes == 1
