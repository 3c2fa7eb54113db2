"""`prompter_node`: turns instructions and pictures into grounded sub-goals, and follows them, when asked to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensor_msgs.msg import Image
from std_msgs.msg import String

from vplanner.agent import open_prompter
from vplanner.backends import BackendConfig
from vplanner.bundle import load_bundle
from vplanner.errors import CalledOffError, InputError, PromptRefusedError, VPlannerError
from vplanner.imaging import mark_points
from vplanner.prompter_options import DEFAULT_URL, PrompterOptions
from vplanner.prompting import choose_prompter
from vplanner.protocols import Prompter
from vplanner.types import Observation, SubGoal
from vplanner_ros import messages, qos
from vplanner_ros.diagnostics import Health
from vplanner_ros.managed import ManagedNode
from vplanner_ros.parameters import parameter
from vplanner_ros.rig import Rig, RigParameters
from vplanner_ros.running import run
from vplanner_ros.texts import Reply, Request, reply_text, request_of, sub_goals_text

_KEPT = 100  # sub-goals that may still be tracked, planned before the newest ones
_PICTURE = 384  # edge of the annotated pictures [pixel]


@dataclass(frozen=True, slots=True)
class PrompterParameters(RigParameters):
    """Parameters of `prompter_node`; those of the VLM are the options of `vplanner run`."""

    prompter: str = parameter(
        "embedded",
        "Who reads instructions: the bundle's networks, a VLM on a server, or one in this process.",
        choices=("embedded", "openai", "transformers"),
        fixed=True,
    )
    prompter_url: str = parameter(DEFAULT_URL, "For openai: the server that is sent words and pictures.", fixed=True)
    prompter_model: str = parameter("", "Needed for a VLM: its name on the server, or a folder.", fixed=True)
    prompter_fallback: str = parameter(
        "none", "Who plans when the VLM gives no usable answer.", choices=("none", "embedded"), fixed=True
    )
    prompter_key_variable: str = parameter(
        "VPLANNER_API_KEY", "For openai: the environment variable with the server's key.", fixed=True
    )
    prompter_timeout: float = parameter(60.0, "Longest wait for one answer of a VLM [s].", 0.1, 3600.0, fixed=True)
    prompter_calls: int = parameter(8, "Most calls for one plan, with all repetitions.", 1, 100, fixed=True)
    prompter_seconds: float = parameter(
        180.0, "Most time for one plan, with all repetitions [s].", 0.1, 3600.0, fixed=True
    )
    prompter_sub_goals: int = parameter(6, "A plan with more sub-goals is refused.", 1, 100, fixed=True)
    prompter_device: str = parameter("cpu", "For transformers: where the VLM runs, such as cuda.", fixed=True)

    def options(self) -> PrompterOptions:
        """The same as options of the prompter."""
        return PrompterOptions(
            kind=self.prompter,  # type: ignore[arg-type]  # `choices` has checked it
            url=self.prompter_url,
            model=self.prompter_model or None,
            fallback=self.prompter_fallback,  # type: ignore[arg-type]
            key_variable=self.prompter_key_variable,
            timeout_s=self.prompter_timeout,
            most_calls=self.prompter_calls,
            most_seconds=self.prompter_seconds,
            most_sub_goals=self.prompter_sub_goals,
            device=self.prompter_device,
        )


class PrompterNode(ManagedNode[PrompterParameters]):
    """Answers requests one after the other, in a thread of its own, so that waiting for a VLM blocks nothing."""

    def __init__(self, **kwargs: Any) -> None:
        """A node; no network is opened before it is configured."""
        super().__init__("prompter_node", PrompterParameters, **kwargs)
        self._rig: Rig | None = None
        self._thread: threading.Thread | None = None
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._goals: dict[int, SubGoal] = {}
        self._last_handle = 0
        self._answered = self._failed = 0
        self._problem = ""

    def on_setup(self) -> None:
        """Open the prompter, subscribe to cameras and requests."""
        values = self.values
        bundle = load_bundle(Path(values.bundle) if values.bundle else None)
        backend = BackendConfig(threads=values.threads or None)
        self._views = bundle.manifest.views
        self._prompter: Prompter = choose_prompter(values.options(), open_prompter(bundle, backend), self._views)
        self._replies = self.create_publisher(String, "prompter/reply", qos.EVENT)
        self._sub_goals = self.create_publisher(String, "sub_goals", qos.LATCHED)
        self._annotated = {view: self.create_publisher(Image, f"annotated/{view}", qos.LATCHED) for view in self._views}
        self._rig = Rig(self, values, self._views)
        self._asked = self.create_subscription(String, "prompter/request", self._take, qos.EVENT)

    def on_begin(self) -> None:
        """Answer from now on."""
        assert self._rig is not None
        self._rig.senses.call_off(None)
        self._requests = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, args=(self._requests,), name="prompting", daemon=True)
        self._thread.start()

    def on_end(self) -> None:
        """Answer no more; whoever still waits is told so."""
        if self._thread is None or self._rig is None:
            return
        self._rig.senses.call_off("the prompter was deactivated")
        self._requests.put(None)
        self._thread.join()
        self._thread = None

    def on_teardown(self) -> None:
        """Remove topics and networks."""
        if self._rig is None:
            return
        self._rig.close()
        self._rig = None
        self.destroy_subscription(self._asked)
        for publisher in (self._replies, self._sub_goals, *self._annotated.values()):
            self.destroy_publisher(publisher)
        del self._prompter

    def health(self) -> Health:
        """How many requests were answered, and the last problem."""
        figures = {"answered": str(self._answered), "failed": str(self._failed), "last problem": self._problem}
        return Health(True, "answering" if self.running else "inactive", figures)

    def _take(self, message: String) -> None:
        try:
            request = request_of(message.data)
        except InputError as error:
            self.get_logger().warning(str(error))
            return
        if self.running:
            self._requests.put(request)
        else:
            self._reply(Reply(id=request.id, error="the prompter is not active").model_dump_json())

    def _work(self, requests: queue.SimpleQueue[Request | None]) -> None:
        while (request := requests.get()) is not None:
            try:
                self._reply(self._answer(request))
                self._answered += 1
            except PromptRefusedError as error:
                self._reply(Reply(id=request.id, refused=str(error)).model_dump_json())
            except CalledOffError as error:
                self._reply(Reply(id=request.id, error=str(error)).model_dump_json())
            except Exception as error:  # whoever waits for the answer must hear of it
                self._failed += 1
                self._problem = str(error) if isinstance(error, VPlannerError) else f"{type(error).__name__}: {error}"
                self.get_logger().error(self._problem)
                self._reply(Reply(id=request.id, error=self._problem).model_dump_json())

    def _answer(self, request: Request) -> str:
        assert self._rig is not None
        observation = self._rig.senses.observe(request.not_before_s)
        if request.kind == "track":
            if request.handle not in self._goals:
                raise InputError(f"there is no sub-goal with handle {request.handle}; was the prompter restarted?")
            tracked = self._prompter.track(observation, self._goals[request.handle])
            self._goals[request.handle] = tracked
            return reply_text(request, [request.handle], [tracked])
        sub_goals = self._prompter.plan(observation, request.instruction)
        handles = [self._last_handle + index + 1 for index in range(len(sub_goals))]
        self._last_handle += len(sub_goals)
        self._goals.update(zip(handles, sub_goals, strict=True))
        for old in [handle for handle in self._goals if handle < handles[0] - _KEPT]:
            del self._goals[old]
        self._show(observation, sub_goals)
        return reply_text(request, handles, sub_goals)

    def _reply(self, text: str) -> None:
        self._replies.publish(String(data=text))

    def _show(self, observation: Observation, sub_goals: Sequence[SubGoal]) -> None:
        self._sub_goals.publish(String(data=sub_goals_text(sub_goals)))
        for frame in observation.frames:
            picture = mark_points(frame, sub_goals, _PICTURE)
            where = messages.optical_frame(frame.name)
            self._annotated[frame.name].publish(messages.image_message(picture, observation.time_s, where))


def main(args: Sequence[str] | None = None) -> int:
    """Run the node."""
    return run([PrompterNode], args)


if __name__ == "__main__":
    raise SystemExit(main())
