"""Which scene is simulated where nobody has named one: the first that the instruction fits, as in `vplanner run`."""

from __future__ import annotations

from pathlib import Path

from vplanner.agent import open_prompter
from vplanner.backends import BackendConfig
from vplanner.bundle import load_bundle
from vplanner.commands.common import TEST_SEED, searched_seeds
from vplanner.scenes import SceneBuilder, find_scene, tasks_for

ANY_SEED = -1
_TASK = "pick_place"


def default_scene(task: str, seed: int) -> tuple[str, int]:
    """Task and seed; an empty task and `ANY_SEED` become the first test scene of pick and place."""
    return task or _TASK, TEST_SEED if seed == ANY_SEED else seed


def fitting_scene(instruction: str, task: str, seed: int, bundle: str) -> tuple[str, int]:
    """Task and seed of the first scene in which the bundle's prompter finds what the instruction names.

    Only what is open is chosen: an empty task and `ANY_SEED`.

    Raises:
        PromptRefusedError: No scene fits.
        BundleError: The bundle cannot be used.
        InputError: The task is not known.
    """
    prompter = open_prompter(load_bundle(Path(bundle) if bundle else None), BackendConfig(threads=1))
    tasks = (task,) if task else tasks_for(prompter.read(instruction).skills)
    builder = SceneBuilder()
    try:
        scene = find_scene(builder, prompter, instruction, tasks, searched_seeds(None if seed == ANY_SEED else seed))
        return scene.task, scene.seed
    finally:
        builder.close()
