"""Runs evaluation episodes through the real nodes, each in a process of its own, with one bring-up for all of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rclpy
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from std_msgs.msg import Bool, String
from std_srvs.srv import Trigger

from vplanner.errors import InputError
from vplanner.evaluation import Job, Row
from vplanner.sim_robot import VIEWS
from vplanner_ros import qos
from vplanner_ros.bench import own_domain
from vplanner_ros.texts import AT_WORK

_BRING_UP_S = 600.0
_ANSWER_S = 120.0
_EPISODE_S = 900.0
_FRESH = 4  # pictures of every camera after a reset, so that nobody looks at the scene before
_VERDICT_S = 0.4  # of simulated time, in which the simulator judges twice


class Conductor:
    """Speaks with the running nodes from outside: a fresh scene, its instruction, the verdicts."""

    def __init__(self, domain: int, alive: Callable[[], bool]) -> None:
        """A node in `domain`; `alive` tells whether the nodes still run."""
        self._context = rclpy.Context()
        self._context.init(domain_id=domain)
        self._node = rclpy.create_node("conductor", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._alive = alive
        self._status: dict[str, Any] = {}
        self._instruction = ""
        self._succeeded = False
        self._pictures = dict.fromkeys(VIEWS, 0)
        self._stamp_s = 0.0
        self._instruct = self._node.create_publisher(String, "instruction", qos.EVENT)
        listen = self._node.create_subscription
        listen(String, "planner_node/status", self._take_status, qos.LATCHED)
        listen(String, "sim_node/instruction", self._take_instruction, qos.LATCHED)
        listen(Bool, "sim_node/succeeded", self._take_verdict, qos.LATCHED)
        for view in VIEWS:
            listen(Image, f"camera/{view}/color/image_raw", lambda m, v=view: self._take_picture(m, v), qos.IMAGE)

    def close(self) -> None:
        """Remove the node."""
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.shutdown()

    def await_nodes(self) -> None:
        """Wait until all nodes are active. Raises `InputError` when they are not in time."""
        self._until(self._active, _BRING_UP_S, "the nodes to become active")

    def episode(self, job: Job, max_steps: int, setup: str) -> Row:
        """One episode from a fresh scene on; `max_steps` are those of its sub-goal.

        Raises `InputError` when a node does not answer, or none is left.
        """
        self._arrange(job, max_steps)
        began_s = time.perf_counter()
        instruction = self._instruction
        self._status = {}
        self._instruct.publish(String(data=instruction))
        self._until(
            lambda: self._status.get("state", "idle") not in AT_WORK | {"idle"}, _EPISODE_S, f"the end of {job}"
        )
        seconds, end = time.perf_counter() - began_s, self._stamp_s + _VERDICT_S
        self._until(lambda: self._stamp_s > end, _ANSWER_S, "pictures")
        status = self._status
        return Row(
            task=job.task, method=job.method.value, seed=job.seed, instruction=instruction, success=self._succeeded,
            declared=status["state"] == "success", steps=int(status["steps"]), replans=int(status["replans"]),
            seconds=round(seconds, 3), command_error_mm=0.0, reason=str(status["reason"]), setup=setup,
            reached=int(self._succeeded), planned=1,
        )  # fmt: skip

    def _arrange(self, job: Job, max_steps: int) -> None:
        """Reset the scene while every node is inactive: an executor would pull the arm back to where it was."""
        self._call(Trigger, "lifecycle_manager/pause", Trigger.Request())
        self._until(lambda: self._state("sim_node") == State.PRIMARY_STATE_INACTIVE, _ANSWER_S, "the nodes to pause")
        self._set("sim_node", task=job.task, seed=job.seed)
        self._set("planner_node", max_steps=max_steps, plan_seed=job.seed)
        answer = self._call(Trigger, "sim_node/reset", Trigger.Request())
        if not answer.success:
            raise InputError(f"sim_node cannot be reset to {job.task}, seed {job.seed}: {answer.message}")
        self._call(Trigger, "lifecycle_manager/resume", Trigger.Request())
        self._until(self._active, _ANSWER_S, "the nodes to go on")
        self._pictures = dict.fromkeys(VIEWS, 0)
        told = str(answer.message)
        fresh = lambda: min(self._pictures.values()) >= _FRESH and self._instruction == told  # noqa: E731
        self._until(fresh, _ANSWER_S, "pictures of the new scene")
        self._until(lambda: self._instruct.get_subscription_count() > 0, _ANSWER_S, "the planner to listen")

    def _active(self) -> bool:
        return bool(self._call(Trigger, "lifecycle_manager/is_active", Trigger.Request(), _BRING_UP_S).success)

    def _state(self, node: str) -> int:
        return int(self._call(GetState, f"{node}/get_state", GetState.Request()).current_state.id)

    def _set(self, node: str, **values: Any) -> None:
        parameters = [Parameter(name, value=value).to_parameter_msg() for name, value in values.items()]
        request = SetParameters.Request(parameters=parameters)
        for result in self._call(SetParameters, f"{node}/set_parameters", request).results:
            if not result.successful:
                raise InputError(f"{node}: {result.reason}")

    def _call(self, kind: Any, name: str, request: Any, seconds: float = _ANSWER_S) -> Any:
        client = self._node.create_client(kind, name)
        try:
            self._until(client.service_is_ready, seconds, f"service {name}")
            future = client.call_async(request)
            self._until(future.done, seconds, f"an answer on {name}")
            return future.result()
        finally:
            self._node.destroy_client(client)

    def _until(self, condition: Callable[[], Any], seconds: float, what: str) -> None:
        end_s = time.monotonic() + seconds
        while not condition():
            if not self._alive():
                raise InputError(f"the nodes have ended while {what} was awaited; their log says why")
            if time.monotonic() > end_s:
                raise InputError(f"waited {seconds:g} s for {what}; the nodes' log may say why")
            self._executor.spin_once(timeout_sec=0.05)

    def _take_status(self, message: String) -> None:
        self._status = json.loads(message.data)

    def _take_instruction(self, message: String) -> None:
        self._instruction = str(message.data)

    def _take_verdict(self, message: Bool) -> None:
        self._succeeded = bool(message.data)

    def _take_picture(self, message: Image, view: str) -> None:
        self._pictures[view] += 1
        self._stamp_s = message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec


def run_episodes(
    jobs: list[Job], max_steps: dict[str, int], setup: str, arguments: tuple[str, ...], log: Path
) -> Iterator[Row]:
    """Bring the nodes up with `vplanner launch`, and run the jobs one after the other; rows as they come.

    `max_steps` is by task; `arguments` go to plan_and_execute.launch.yaml; what the nodes say goes to `log`.

    Raises:
        InputError: The nodes do not come up, or one of them does not answer.
    """
    domain = own_domain()
    with _launched(domain, arguments, log) as process:
        conductor = Conductor(domain, lambda: process.poll() is None)
        try:
            conductor.await_nodes()
            for job in jobs:
                yield conductor.episode(job, max_steps[job.task], setup)
        finally:
            conductor.close()


@contextmanager
def _launched(domain: int, arguments: tuple[str, ...], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "vplanner.cli", "launch", "plan_and_execute.launch.yaml", *arguments]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        environment = {**os.environ, "ROS_DOMAIN_ID": str(domain)}
        # In a group of its own: Ctrl-C reaches it once, from here.
        process = subprocess.Popen(words, env=environment, stdout=stream, stderr=subprocess.STDOUT, process_group=0)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=_ANSWER_S)
            except subprocess.TimeoutExpired:
                process.terminate()
                try:
                    process.wait(timeout=_ANSWER_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
