"""`vplanner run`: one instruction, one closed-loop episode in simulation, filmed."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vplanner.backend_options import PlanningArgument, PlanningOptions
from vplanner.commands.common import (
    check_at_least,
    check_execute_steps,
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

    from vplanner.agent import Agent
    from vplanner.loop import Outcome
    from vplanner.prompting import EmbeddedPrompter
    from vplanner.protocols import Prompter
    from vplanner.scenes import Scene


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
    """Give up a sub-goal after so many steps; without it, what the task allows."""
    plan_seed: int = 0
    """Seed of the imagination's noise: the same one replays the same episode."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    threads: int | None = None
    """Threads of the networks; without it, one per physical core."""
    real_time: bool = False
    """Let every step take its time, as on a robot, and say how long the arm was without a command."""
    planning: PlanningArgument = field(default_factory=PlanningOptions)
    prompter: PrompterArgument = field(default_factory=PrompterOptions)
    out: Path | None = None
    """Folder for the results; without it, runs/<time>."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the result here, too."""

    def run(self) -> int:
        """Run the episode; 0 when `success` is true in the result, else 1.

        `success` means that the planner declared the task done (`declared`) and that the simulator did not see
        otherwise. `task_success` is the simulator's own judgement, true once its predicate held after any step; it is
        null where the scene was made for another task than the instruction asks for, and the planner is then believed.
        In the same way `reached` of `planned` sub-goals were reached as the planner sees it, and `task_reached` as the
        simulator does.

        Raises:
            InputError: For an unknown task, numbers out of range, or a prompter that there is not.
            PrompterError: When the VLM cannot be reached at the start, and nothing is to plan instead.
            BundleError: When the networks cannot be used.
            StorageError: When the results cannot be written.
            MissingDependencyError: When the simulation or its rendering is not installed.
        """
        quiet_threads()
        import numpy as np
        from rich.console import Console
        from rich.markup import escape

        from vplanner.agent import AgentConfig, make_agent, open_networks, open_prompter
        from vplanner.bundle import load_bundle
        from vplanner.errors import PromptRefusedError
        from vplanner.planner import PlannerConfig
        from vplanner.prompting import choose_prompter
        from vplanner.run_folder import write_json

        for option, value, least in (
            ("--seed", self.seed, 0),
            ("--samples", self.samples, 1),
            ("--execute-steps", self.execute_steps, 1),
            ("--max-steps", self.max_steps, 1),
            ("--plan-seed", self.plan_seed, 0),
        ):
            check_at_least(option, value, least)
        check_threads(self.threads)
        check_writable(self.json_file)
        check_prompter(self.prompter)
        self.planning.check()
        console = Console()
        out = self.out or Path("runs") / time.strftime("%Y%m%d-%H%M%S")
        backend = self.planning.backend(self.threads)
        planner = PlannerConfig(samples=self.samples, deadline_ms=self.planning.deadline_ms)
        config = AgentConfig(planner=planner, backend=backend)
        bundle = load_bundle(self.bundle)
        check_execute_steps(self.execute_steps, bundle.manifest.horizon)
        agent = make_agent(open_networks(bundle, config), config, np.random.default_rng(self.plan_seed))
        embedded = open_prompter(bundle, backend)
        prompter = choose_prompter(self.prompter, embedded, bundle.manifest.views)
        start = time.perf_counter()
        try:
            scene = self._scene(embedded)
        except PromptRefusedError as error:
            reason = scene_hint(self.prompter, str(error))
            result = _refused(self.instruction, reason, time.perf_counter() - start, bundle.manifest.name)
        else:
            console.print(f"scene: {scene.task}, seed {scene.seed}")
            result = self._episode(scene, prompter, agent, out, console)
        write_json(out / "result.json", result)
        if self.json_file is not None:
            write_json(self.json_file, result)
        style = "bold green" if result["success"] else "bold yellow"
        reason = escape(str(result["reason"]))
        replans = result["replans"]
        console.print(f"{reason} ({result['steps']} steps, {replans} replan{'' if replans == 1 else 's'})", style=style)
        console.print(f"results: {escape(str(out))}")
        return 0 if result["success"] else 1

    def _scene(self, embedded: EmbeddedPrompter) -> Scene:
        """The scene that was asked for, or one that fits the instruction."""
        from vplanner.scenes import SceneBuilder, find_scene, tasks_for

        builder = SceneBuilder()
        if self.task is not None and self.seed is not None:
            return builder.build(self.task, self.seed)
        tasks = tasks_for(embedded.read(self.instruction).skills) if self.task is None else (self.task,)
        seeds = searched_seeds(self.seed)
        return find_scene(builder, embedded, self.instruction, tasks, seeds)

    def _episode(
        self, scene: Scene, prompter: Prompter, agent: Agent, out: Path, console: Console
    ) -> dict[str, JsonValue]:
        """Run the closed loop, film it, and say how it went."""
        from vplanner.errors import PrompterError
        from vplanner.imaging import save_png
        from vplanner.loop import ClosedLoop, LoopConfig
        from vplanner.overlap import OverlappedLoop
        from vplanner.pacing import Aside, PacedRobot
        from vplanner.prompting import choose_judge
        from vplanner.recorder import EpisodeFilm, plan_sheet
        from vplanner.run_folder import PlanLog

        manifest = agent.networks.bundle.manifest
        video_model = agent.networks.video_model
        judge = choose_judge(self.prompter, prompter, agent.judge)
        max_steps = scene.sub_goal_steps if self.max_steps is None else self.max_steps
        config = LoopConfig(execute_steps=self.execute_steps, max_steps=max_steps)
        log = PlanLog(out / "plans.jsonl")
        film = EpisodeFilm(out / "episode.mp4", self.instruction, manifest.views, manifest.dt_s, video_model)
        try:
            kind = OverlappedLoop if self.planning.overlap else ClosedLoop
            paced = PacedRobot(scene.robot) if self.real_time else None
            aside = (Aside(log), Aside(film)) if self.real_time else ()
            loop = kind(
                paced or scene.robot, prompter, judge, agent.planner, agent.safety, config, time.perf_counter,
                aside or (log, film),
            )  # fmt: skip
            try:
                outcome = loop.run(self.instruction)
            finally:
                with ExitStack() as ending:  # each ends, whatever another one raises
                    for listener in aside:
                        ending.callback(listener.finish)
            if paced is not None:
                console.print(str(paced.gaps), soft_wrap=True)
            if isinstance(outcome.error, PrompterError) and film.sub_goal is None:
                raise outcome.error  # nothing was understood, so there is no episode to tell of
            film.show_ending(outcome)
        finally:
            log.close()
            film.close()
        plan_file = None
        if film.sheet_source is not None:
            plan_file = out / "plan.png"
            observation, plan, step = film.sheet_source
            save_png(plan_sheet(observation, plan, step, manifest.views, video_model), plan_file)
        checked = bool(film.sub_goals) and scene.asks_for(*film.sub_goals)
        task_success = scene.referee.success if checked else None
        return {
            "success": outcome.success and task_success is not False,
            "reason": _reason(outcome, task_success),
            "ending": outcome.ending.value,
            "declared": outcome.success,
            "task_success": task_success,
            "planned": outcome.planned,
            "reached": outcome.reached,
            "task_reached": scene.referee.reached if checked else None,
            "instruction": self.instruction,
            "task": scene.task,
            "seed": scene.seed,
            "steps": outcome.steps,
            "replans": outcome.replans,
            "seconds": round(outcome.seconds, 3),
            "gaps": None if paced is None else asdict(paced.gaps),
            "video": None if film.sub_goal is None else str(out / "episode.mp4"),
            "plan": None if plan_file is None else str(plan_file),
            "bundle": manifest.name,
        }


def _reason(outcome: Outcome, task_success: bool | None) -> str:
    """Why the episode ended, and what the simulator says when it disagrees with the planner."""
    if outcome.success and task_success is False:
        return f"declared, but the simulator did not see it done: {outcome.reason}"
    if task_success and not outcome.success:
        return f"{outcome.reason}; the simulator saw it done, the planner did not"
    return outcome.reason


def _refused(instruction: str, reason: str, seconds: float, bundle: str) -> dict[str, JsonValue]:
    """The result of an instruction that no scene fits: nothing moved and nothing was filmed."""
    return {
        "success": False,
        "reason": f"refused: {reason}",
        "ending": "refused",
        "declared": False,
        "task_success": None,
        "planned": 0,
        "reached": 0,
        "task_reached": None,
        "instruction": instruction,
        "task": None,
        "seed": None,
        "steps": 0,
        "replans": 0,
        "seconds": round(seconds, 3),
        "gaps": None,
        "video": None,
        "plan": None,
        "bundle": bundle,
    }
