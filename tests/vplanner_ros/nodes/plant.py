"""The simulated robot with cameras whose pictures a test can spoil on the way, and an executor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sensor_msgs.msg import Image
from std_msgs.msg import Bool, String
from std_srvs.srv import Trigger

from vplanner_ros import qos
from vplanner_ros.planner_node import PlannerNode
from vplanner_ros.sim_node import SimNode

from .bench import Bench, told
from .forwarder import Forwarder

ENDINGS = ("success", "refused", "stalled", "out of time", "interrupted", "failed")


class Plant:
    """Simulation, relay of pictures, forwarder and planner in one process."""

    def __init__(self, bench: Bench, **planner: Any) -> None:
        self.bench = bench
        self.spoil: dict[str, Callable[[Image], Image | None]] = {}
        self._relayed = {"front": 0, "side": 0}
        raw = {f"camera/{view}/color/image_raw": f"raw/{view}" for view in ("front", "side")}
        self.sim = bench.start(SimNode, remap=raw, autostart=True, task="press_button", seed=200_000)
        from rclpy.parameter import Parameter

        self.forwarder = bench.add(
            Forwarder(context=bench.context, parameter_overrides=[Parameter("use_sim_time", value=True)])
        )
        for view in ("front", "side"):
            relay = bench.probe.create_publisher(Image, f"camera/{view}/color/image_raw", qos.IMAGE)
            bench.probe.create_subscription(
                Image, f"raw/{view}", lambda m, v=view, r=relay: self._relay(m, v, r), qos.IMAGE
            )
        # Patience of a machine that does many things at once; what tests spoil, they spoil for longer.
        patience = {"camera_timeout": 8.0, "state_timeout": 4.0, "max_age": 4.0}
        settings = {"prompter": "embedded", "threads": 1, **patience, **planner}
        self.planner = bench.start(PlannerNode, autostart=True, use_sim_time=True, **settings)
        self._status = bench.hear(String, "planner_node/status", qos.LATCHED)
        self._succeeded = bench.hear(Bool, "sim_node/succeeded", qos.LATCHED)
        bench.until(lambda: self.state == "idle", "the planner is ready")
        self._instruct = bench.talk(String, "instruction", qos.EVENT)

    @property
    def status(self) -> dict[str, Any]:
        return told(self._status)

    @property
    def state(self) -> str:
        return str(self.status.get("state", ""))

    @property
    def succeeded(self) -> bool:
        return bool(self._succeeded) and bool(self._succeeded[-1].data)

    def reset(self) -> None:
        """A fresh scene and cameras that work."""
        self.spoil.clear()
        assert self.bench.call(Trigger, "sim_node/reset", Trigger.Request()).success
        relayed = dict(self._relayed)
        self.bench.until(
            lambda: all(self._relayed[view] > relayed[view] + 1 for view in ("front", "side")),
            "cameras show the new scene",
        )
        self.forwarder.chunks.clear()

    def instruct(self, instruction: str = "press the orange button") -> None:
        """Give an instruction and wait until it is begun."""
        heard = len(self._status)
        self._instruct.publish(String(data=instruction))
        self.bench.until(
            lambda: any(told([m])["instruction"] == instruction for m in self._status[heard:]), "it is begun"
        )

    def end(self) -> dict[str, Any]:
        """Wait for the end and return the status."""
        self.bench.until(lambda: self.state in ENDINGS, "the goal ends")
        return self.status

    def moving(self) -> None:
        """Wait until the first chunk is out."""
        self.bench.until(lambda: any(len(chunk.times_s) for chunk in self.forwarder.chunks), "a chunk comes")

    def holding(self) -> None:
        """Wait until the robot is told to hold."""
        chunks = self.forwarder.chunks
        self.bench.until(lambda: bool(chunks) and len(chunks[-1].times_s) == 0, "the robot is told to hold")

    def _relay(self, message: Image, view: str, relay: Any) -> None:
        spoiled = self.spoil[view](message) if view in self.spoil else message
        if spoiled is not None:
            relay.publish(spoiled)
        self._relayed[view] += 1
