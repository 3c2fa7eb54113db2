"""`planner_node`: an instruction comes in, chunks of TCP targets go out until the sub-goals are reached."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rclpy.parameter import Parameter
from std_msgs.msg import String
from std_srvs.srv import Trigger

from vplanner.agent import AgentConfig, make_agent, open_networks, open_prompter
from vplanner.backends import BackendConfig
from vplanner.bundle import load_bundle
from vplanner.errors import InputError
from vplanner.loop import ClosedLoop, LoopConfig, Outcome
from vplanner.planner import PlannerConfig
from vplanner.protocols import Prompter
from vplanner_ros import qos
from vplanner_ros.diagnostics import Health
from vplanner_ros.filming import Filming
from vplanner_ros.goals import Goal, GoalRunner, broken
from vplanner_ros.instruction_action import SERVED, InstructionAction
from vplanner_ros.managed import ManagedNode
from vplanner_ros.parameters import parameter
from vplanner_ros.planner_topics import PlannerTopics
from vplanner_ros.remote_prompter import RemotePrompter
from vplanner_ros.rig import Rig, RigParameters
from vplanner_ros.running import run
from vplanner_ros.texts import PlannerStatus
from vplanner_ros.topic_robot import TopicRobot


@dataclass(frozen=True, slots=True)
class PlannerParameters(RigParameters):
    """Parameters of `planner_node`; those of the loop are the options of `vplanner run`."""

    prompter: str = parameter(
        "node", "Who reads instructions: prompter_node, or the bundle's networks in this node.",
        choices=("node", "embedded"), fixed=True,
    )  # fmt: skip
    prompter_timeout: float = parameter(
        200.0, "Longest wait for an answer of prompter_node [s].", 0.1, 3600.0, fixed=True
    )
    samples: int = parameter(4, "Imagined futures per replan.", 1, 64, fixed=True)
    execute_steps: int = parameter(2, "Steps of each plan that are executed before looking again.", 1, 64)
    max_steps: int = parameter(80, "Give up a sub-goal after so many steps.", 1, 100_000)
    rousings: int = parameter(
        4,
        "Most times that a hovering hand gets steps that no imagination proposed, for each try at a sub-goal.",
        0,
        100,
    )
    plan_seed: int = parameter(0, "Seed of the imagination's noise.", 0, 2**31 - 1)
    settle: float = parameter(0.06, "Look so long after the last step should be done [s].", 0.0, 2.0)
    film: bool = parameter(
        True, "Film each goal into the bag that recorder_node is writing, where its folder is on this machine."
    )
    publish_imagination: bool = parameter(True, "Publish the imagined frames on imagined/<view>.")


class PlannerNode(ManagedNode[PlannerParameters]):
    """The closed loop of `vplanner run` on topics. Planning happens in a thread, so that callbacks stay alive."""

    def __init__(self, **kwargs: Any) -> None:
        """A node; no network is opened before it is configured."""
        super().__init__("planner_node", PlannerParameters, **kwargs)
        self._rig: Rig | None = None
        self._goals: GoalRunner | None = None
        self._remote: RemotePrompter | None = None
        self._action: InstructionAction | None = None
        self._horizon: int | None = None  # of the bundle that is open [steps]
        self.add_on_set_parameters_callback(self._judge)

    def on_setup(self) -> None:
        """Open the networks, subscribe to everything."""
        values = self.values
        bundle = load_bundle(Path(values.bundle) if values.bundle else None)
        manifest = bundle.manifest
        if values.execute_steps > manifest.horizon:
            raise InputError(_too_many(values.execute_steps, manifest.horizon))
        self._horizon = manifest.horizon
        backend = BackendConfig(threads=values.threads or None)
        self._config = AgentConfig(planner=PlannerConfig(samples=values.samples), backend=backend)
        self._networks = open_networks(bundle, self._config)
        self._topics = PlannerTopics(self, manifest.views, self._networks.video_model, manifest.dt_s)
        self._rig = Rig(self, values, manifest.views)
        self._remote = None
        if values.prompter == "embedded":
            self._prompter: Prompter = open_prompter(bundle, backend)
        else:
            self._remote = RemotePrompter(self._topics.ask, self._topics.prompters, values.prompter_timeout)
            self._prompter = self._remote
        remote = self._remote
        self._topics.listen(None if remote is None else remote.take, self._rig.senses)
        self._filming = Filming(manifest.views, manifest.dt_s, self._networks.video_model, self.get_logger().warning)
        self._entities = [
            self.create_subscription(String, "instruction", self._take_instruction, qos.EVENT),
            self.create_subscription(String, "recorder_node/folder", self._take_folder, qos.LATCHED),
        ]
        self._stop_service = self.create_service(Trigger, "stop", self._stop)
        if SERVED:
            self._action = InstructionAction(self, lambda: self._goals)
            self._topics.on_status = self._tell_client

    def on_begin(self) -> None:
        """Take instructions from now on."""
        self._goals = GoalRunner(self._carry_out, self._call_off)
        self._topics.say_idle()

    def on_end(self) -> None:
        """Call off what is going on, and take no more instructions."""
        if self._goals is not None:
            self._goals.close("the planner was deactivated")
            self._goals = None

    def on_teardown(self) -> None:
        """Remove topics and networks."""
        if self._rig is None:
            return
        self._rig.close()
        self._rig = self._horizon = None
        self._topics.close()
        for subscription in self._entities:
            self.destroy_subscription(subscription)
        self.destroy_service(self._stop_service)
        if self._action is not None:
            self._action.close()
            self._action = None
        del self._networks, self._prompter

    def health(self) -> Health:
        """What the planner is at, and how long a replan takes."""
        if self._rig is None:
            return Health(True, "not configured", {})
        status = self._topics.status
        figures = {
            "instruction": status.instruction,
            "replan [ms]": f"{self._topics.replan_ms:.1f}",
            "steps": str(status.steps),
            "replans": str(status.replans),
            "progress": f"{status.progress:.3f}",
            "last reason": status.reason,
        }
        return Health(status.state != "failed", status.state if self.running else "inactive", figures)

    def _judge(self, changes: list[Parameter]) -> SetParametersResult:
        """Refuse what the open bundle cannot do; what a node is started with is judged when a bundle is opened."""
        for change in changes:
            if change.name == "execute_steps" and self._horizon is not None and change.value > self._horizon:
                return SetParametersResult(successful=False, reason=_too_many(change.value, self._horizon))
        return SetParametersResult(successful=True)

    def _take_instruction(self, message: String) -> None:
        instruction = message.data.strip()
        if self._goals is None:
            self.get_logger().warning(f"'{instruction}' comes to nothing: the planner is not active")
        elif not instruction:
            self.get_logger().warning("an empty instruction came; use the service 'stop' to end what is going on")
        else:
            self._goals.submit(instruction, lambda _: None)

    def _take_folder(self, message: String) -> None:
        self._filming.folder = Path(message.data) if message.data else None

    def _stop(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        goals = self._goals
        response.success = goals is not None and goals.cancel("it was asked to stop")
        response.message = "stopping" if response.success else "nothing was going on"
        return response

    def _tell_client(self, status: PlannerStatus) -> None:
        if self._action is not None and self._goals is not None:
            self._action.tell(self._goals.present, status)

    def _call_off(self, reason: str | None) -> None:
        if self._rig is not None:
            self._rig.senses.call_off(reason)
        if self._remote is not None:
            self._remote.call_off(reason)

    def _carry_out(self, goal: Goal) -> Outcome:
        """One goal from beginning to end, in the planning thread. Whatever happens, its end is told."""
        values = self.values
        self._topics.begin(goal.instruction, values.publish_imagination)
        film = None
        try:
            film = self._filming.begin(goal.instruction) if values.film else None
            outcome = self._loop(values).run(goal.instruction)
        except Exception as error:  # a bug; whoever waits for the end must hear of it
            self.get_logger().error(traceback.format_exc())
            status = self._topics.status
            outcome = replace(broken(error), steps=status.steps, replans=status.replans)
        try:
            self._filming.end(outcome)
        finally:
            self._topics.end(outcome)
        if film is not None and film.exists():
            self.get_logger().info(f"film: {film}")
        self.get_logger().info(f"'{goal.instruction}': {outcome.ending}: {outcome.reason} ({outcome.steps} steps)")
        return outcome

    def _loop(self, values: PlannerParameters) -> ClosedLoop:
        assert self._rig is not None
        agent = make_agent(self._networks, self._config, np.random.default_rng(values.plan_seed))
        config = LoopConfig(values.execute_steps, values.max_steps, rousings=values.rousings)
        robot = TopicRobot(self._rig.senses, self._topics.send_chunk, self.now_s, values.settle)
        listeners = (self._topics, self._filming)
        return ClosedLoop(
            robot, self._prompter, agent.judge, agent.planner, agent.safety, config, self._wall_s, listeners
        )

    def _wall_s(self) -> float:
        return float(self._steady.now().nanoseconds) * 1e-9


def _too_many(steps: int, horizon: int) -> str:
    return f"parameter 'execute_steps' is {steps}; the bundle plans {horizon} steps"


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run([PlannerNode], args)


if __name__ == "__main__":
    raise SystemExit(main())
