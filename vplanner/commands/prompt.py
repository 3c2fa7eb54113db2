"""`vplanner prompt`: what an instruction asks for, and where that is in the pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vplanner.commands.common import (
    TEST_SEED,
    check_at_least,
    check_prompter,
    check_threads,
    check_writable,
    quiet_threads,
    scene_hint,
    searched_seeds,
)
from vplanner.prompter_options import PrompterArgument, PrompterOptions

if TYPE_CHECKING:
    from pydantic import JsonValue
    from rich.console import Console

    from vplanner.prompting import EmbeddedPrompter
    from vplanner.types import Observation, SubGoal


@dataclass(frozen=True, slots=True)
class Prompt:
    """Turn an instruction into sub-goals with points in the pictures, or say why it is refused."""

    instruction: tyro.conf.Positional[str]
    """What to do, in words, such as "put the red cube in the bowl"."""
    task: str | None = None
    """The kind of simulated scene; without it, the first kind that fits the instruction."""
    seed: int | None = None
    """The simulated scene; without it, the first test scene that fits the instruction, or the first of the task."""
    image: tuple[Path, Path] | None = None
    """Pictures of the front and of the side camera instead of a simulated scene."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    threads: int | None = None
    """Threads of the networks; without it, one per physical core."""
    prompter: PrompterArgument = field(default_factory=PrompterOptions)
    out: Path | None = None
    """Write the pictures with the points here, as PNG; of a refused instruction, with all that is in view."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the sub-goals here."""

    def run(self) -> int:
        """Print and write the sub-goals; 0 when there are any, 1 when the instruction is refused.

        Raises:
            InputError: An unknown task, a bad seed, a picture that cannot be read, or a prompter that there is not.
            PrompterError: The VLM cannot be reached, and nothing is to plan instead.
            BundleError: The networks cannot be used.
            StorageError: A file cannot be written.
            MissingDependencyError: The simulator, which also knows the cameras, is not installed.
        """
        quiet_threads()
        from rich.console import Console
        from rich.markup import escape

        from vplanner.agent import open_prompter
        from vplanner.backends import BackendConfig
        from vplanner.bundle import load_bundle
        from vplanner.errors import InputError, PromptRefusedError
        from vplanner.prompting import choose_prompter
        from vplanner.run_folder import describe_sub_goal, write_json

        if self.image is not None and (self.task is not None or self.seed is not None):
            raise InputError("--image replaces the simulated scene; give it without --task and --seed")
        check_at_least("--seed", self.seed, 0)
        check_threads(self.threads)
        check_writable(self.json_file)
        check_writable(self.out)
        if self.out is not None and self.out.suffix.lower() != ".png":
            raise InputError(f"--out {self.out}: a picture is written; its name must end in .png")
        check_prompter(self.prompter)
        bundle = load_bundle(self.bundle)
        embedded = open_prompter(bundle, BackendConfig(threads=self.threads))
        prompter = choose_prompter(self.prompter, embedded, bundle.manifest.views)
        console = Console()
        refused: str | None = None
        sub_goals: list[SubGoal] = []
        observation: Observation | None = None
        try:
            observation = self._observe(console, embedded)
            sub_goals = prompter.plan(observation, self.instruction)
        except PromptRefusedError as error:
            refused = str(error)
            console.print(f"refused: {escape(refused)}", style="bold yellow")
            self._show_view(console, observation, embedded)
        else:
            self._show(console, observation, sub_goals)
        if self.json_file is not None:
            described: list[JsonValue] = [describe_sub_goal(goal) for goal in sub_goals]
            write_json(self.json_file, {"refused": refused, "sub_goals": described})
        return 0 if refused is None else 1

    def _observe(self, console: Console, embedded: EmbeddedPrompter) -> Observation:
        """The given pictures, the scene that was asked for, or one that fits the instruction."""
        from vplanner.errors import PromptRefusedError
        from vplanner.prompting.pictures import read_pictures
        from vplanner.scenes import SceneBuilder, find_scene, tasks_for

        if self.image is not None:
            return read_pictures(self.image)
        builder = SceneBuilder()
        if self.task is not None:
            return builder.build(self.task, TEST_SEED if self.seed is None else self.seed).robot.observe()
        seeds = searched_seeds(self.seed)
        try:
            tasks = tasks_for(embedded.read(self.instruction).skills)
            scene = find_scene(builder, embedded, self.instruction, tasks, seeds)
        except PromptRefusedError as error:
            raise PromptRefusedError(scene_hint(self.prompter, str(error))) from error
        console.print(f"scene: {scene.task}, seed {scene.seed}")
        return scene.robot.observe()

    def _show_view(self, console: Console, observation: Observation | None, embedded: EmbeddedPrompter) -> None:
        """Write the picture of what is in view, if there is a scene: without an instruction, none is chosen."""
        from rich.markup import escape

        from vplanner.imaging import named, save_png

        if self.out is None:
            return
        if observation is None:
            console.print("picture: none, for no scene fits; name one with --task, or give pictures with --image")
            return
        save_png(named(observation.frames, embedded.inventory(observation)), self.out)
        console.print(f"picture: {escape(str(self.out))}")

    def _show(self, console: Console, observation: Observation, sub_goals: list[SubGoal]) -> None:
        from rich.markup import escape
        from rich.table import Table

        from vplanner.imaging import annotated, save_png

        table = Table("skill", "source", "target", r"position of source \[m]", "confidence")
        for goal in sub_goals:
            where = ", ".join(f"{value:.3f}" for value in goal.source.position)
            confidence = f"{goal.source.confidence:.2f}, {goal.target.confidence:.2f}"
            table.add_row(goal.skill.value, escape(goal.source.label), escape(goal.target.label), where, confidence)
        console.print(table)
        if self.out is not None:
            save_png(annotated(observation.frames, sub_goals), self.out)
            console.print(f"picture: {escape(str(self.out))}")
