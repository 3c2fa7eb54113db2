"""Relit pictures: another table and another light, but the same motion."""

from __future__ import annotations

import numpy as np

from vplanner_models.relighting import relit

TABLE, BALL = (180, 170, 160), (220, 30, 30)


def episode(frames: int = 6) -> np.ndarray:
    """A ball (frames, 64, 64, 3) that moves over a plain table."""
    images = np.full((frames, 64, 64, 3), TABLE, np.uint8)
    for t in range(frames):
        images[t, 30:38, 8 * t : 8 * t + 8] = BALL
    return images


def test_what_rests_rests_and_what_moves_moves_as_before() -> None:
    images = episode()
    for seed in range(20):
        changed = relit(images, np.random.default_rng(seed)).astype(int)
        assert changed.shape == images.shape
        moves = (images[1:] != images[:-1]).any(-1)
        differs = np.abs(changed[1:] - changed[:-1]).max(-1)
        assert (differs[~moves] == 0).all()
        assert np.median(differs[moves]) > 10


def test_tables_and_lights_come_in_many_kinds_and_the_same_seed_gives_the_same() -> None:
    images = episode()
    tables = np.array([relit(images, np.random.default_rng(seed))[0, 60:].mean() for seed in range(60)])
    assert tables.min() < 60 and tables.max() > 170
    np.testing.assert_array_equal(relit(images, np.random.default_rng(3)), relit(images, np.random.default_rng(3)))


def test_a_repainted_table_leaves_things_their_colour() -> None:
    images = episode()
    ball = []
    for seed in range(60):
        pixel = relit(images, np.random.default_rng(seed))[0, 34, 4].astype(int)
        ball.append(pixel[0] - max(pixel[1], pixel[2]))
    assert np.mean(np.array(ball) > 40) > 0.9, "red stays red"
