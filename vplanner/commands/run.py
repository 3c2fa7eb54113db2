"""`vplanner run`: one instruction, one closed-loop episode in simulation, filmed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vplanner.commands.common import TEST_SEED, quiet_threads

if TYPE_CHECKING:
    from pydantic import JsonValue

    from vplanner.agent import Agent
    from vplanner.prompting import EmbeddedPrompter
    from vplanner.scenes import Scene


SEARCHED_SCENES = 40


@dataclass(frozen=True, slots=True)
class Run:
    """Carry out one instruction in simulation; writes episode.mp4, plan.png, plans.jsonl and result.json."""

    instruction: tyro.conf.Positional[str]
    """What to do, in words, such as "put the red cube in the bowl"."""
    task: str | None = None
    """The kind of scene; without it, the first kind that fits the instruction."""
    seed: int | None = None
    """The scene; without it, the first test scene in which everything that the instruction names is in view."""
    samples: int = 4
    """Imagined futures per replan."""
    execute_steps: int = 2
    """Steps of each plan that are executed before looking again."""
    max_steps: int | None = None
    """Give up after so many steps; without it, what the task allows."""
    plan_seed: int = 0
    """Seed of the imagination's noise: the same one replays the same episode."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    threads: int | None = None
    """Threads of the networks; without it, one per physical core."""
    out: Path | None = None
    """Folder for the results; without it, runs/<time>."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the result here, too."""

    def run(self) -> int:
        """Run the episode; 0 when the task was done and the planner knew it, else 1.

        Raises:
            InputError: For an unknown task, or numbers out of range.
            BundleError: When the networks cannot be used.
            StorageError: When the results cannot be written.
            MissingDependencyError: When the simulation or its rendering is not installed.
        """
        quiet_threads()
        import numpy as np
        from rich.console import Console

        from vplanner.agent import AgentConfig, make_agent, open_networks, open_prompter
        from vplanner.backends import BackendConfig
        from vplanner.bundle import load_bundle
        from vplanner.errors import InputError, PromptRefusedError
        from vplanner.planner import PlannerConfig
        from vplanner.run_folder import write_json

        if self.samples < 1 or self.execute_steps < 1 or (self.seed is not None and self.seed < 0):
            raise InputError(
                f"--samples {self.samples} and --execute-steps {self.execute_steps} must be 1 or more, --seed 0 or more"
            )
        console = Console()
        out = self.out or Path("runs") / time.strftime("%Y%m%d-%H%M%S")
        backend = BackendConfig(threads=self.threads)
        config = AgentConfig(planner=PlannerConfig(samples=self.samples), backend=backend)
        bundle = load_bundle(self.bundle)
        agent = make_agent(open_networks(bundle, config), config, np.random.default_rng(self.plan_seed))
        prompter = open_prompter(bundle, backend)
        start = time.perf_counter()
        try:
            scene = self._scene(prompter)
        except PromptRefusedError as error:
            result = _refused(self.instruction, str(error), time.perf_counter() - start)
        else:
            console.print(f"scene: {scene.task}, seed {scene.seed}")
            result = self._episode(scene, prompter, agent, out)
        write_json(out / "result.json", result)
        if self.json_file is not None:
            write_json(self.json_file, result)
        style = "bold green" if result["success"] else "bold yellow"
        console.print(f"{result['reason']} ({result['steps']} steps, {result['replans']} replans)", style=style)
        console.print(f"results: {out}")
        return 0 if result["success"] else 1

    def _scene(self, prompter: EmbeddedPrompter) -> Scene:
        """The scene that was asked for, or one that fits the instruction."""
        from vplanner.scenes import SceneBuilder, find_scene, tasks_for

        builder = SceneBuilder()
        if self.task is not None and self.seed is not None:
            return builder.build(self.task, self.seed)
        tasks = tasks_for(prompter.read(self.instruction).skill) if self.task is None else (self.task,)
        seeds = range(TEST_SEED, TEST_SEED + SEARCHED_SCENES) if self.seed is None else range(self.seed, self.seed + 1)
        return find_scene(builder, prompter, self.instruction, tasks, seeds)

    def _episode(self, scene: Scene, prompter: EmbeddedPrompter, agent: Agent, out: Path) -> dict[str, JsonValue]:
        """Run the closed loop, film it, and say how it went."""
        from vplanner.imaging import save_png
        from vplanner.loop import ClosedLoop, Ending, LoopConfig
        from vplanner.recorder import EpisodeFilm, plan_sheet
        from vplanner.run_folder import PlanLog

        manifest = agent.networks.bundle.manifest
        video_model = agent.networks.video_model
        config = LoopConfig(execute_steps=self.execute_steps, max_steps=self.max_steps or scene.max_steps)
        log = PlanLog(out / "plans.jsonl")
        film = EpisodeFilm(out / "episode.mp4", self.instruction, manifest.views, manifest.dt_s, video_model)
        try:
            loop = ClosedLoop(
                scene.robot, prompter, agent.judge, agent.planner, agent.safety, config, time.perf_counter, (log, film)
            )
            outcome = loop.run(self.instruction)
            film.show_ending(outcome)
        finally:
            log.close()
            film.close()
        if film.sheet_source is not None:
            observation, plan, step = film.sheet_source
            save_png(plan_sheet(observation, plan, step, manifest.views, video_model), out / "plan.png")
        checked = film.sub_goal is not None and scene.asks_for(film.sub_goal)
        done = scene.referee.success if checked else outcome.success
        return {
            "success": done and outcome.ending not in (Ending.INTERRUPTED, Ending.FAILED),
            "reason": outcome.reason,
            "ending": outcome.ending.value,
            "declared": outcome.success,
            "checked_by_simulator": checked,
            "instruction": self.instruction,
            "task": scene.task,
            "seed": scene.seed,
            "steps": outcome.steps,
            "replans": outcome.replans,
            "seconds": round(outcome.seconds, 3),
            "video": str(out / "episode.mp4"),
            "plan": str(out / "plan.png"),
            "bundle": manifest.name,
        }


def _refused(instruction: str, reason: str, seconds: float) -> dict[str, JsonValue]:
    """The result of an instruction that no scene fits: nothing moved and nothing was filmed."""
    return {
        "success": False,
        "reason": f"refused: {reason}",
        "ending": "refused",
        "declared": False,
        "checked_by_simulator": False,
        "instruction": instruction,
        "task": None,
        "seed": None,
        "steps": 0,
        "replans": 0,
        "seconds": round(seconds, 3),
        "video": None,
        "plan": None,
    }
