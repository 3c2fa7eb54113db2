"""Servers of tiny bundles in a thread of this process, and clients for them."""

from __future__ import annotations

import asyncio
import io
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("msgpack", reason="vplanner[serve] is not installed")
pytest.importorskip("websockets", reason="vplanner[serve] is not installed")

from websockets.sync.client import ClientConnection, connect

from vplanner.pursuit import LoopConfig
from vplanner.serving.journal import Journal
from vplanner.serving.limits import ServeLimits
from vplanner.serving.replies import metadata
from vplanner.serving.requests import RequestReader
from vplanner.serving.server import PolicyServer, Service
from vplanner.serving.session import Session
from vplanner.serving.wire import Message, pack, unpack
from vplanner.types import Observation, SubGoal

PATIENCE_S = 60.0


def until(condition: Callable[[], bool]) -> None:
    """Wait for what will come; fail when it does not."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.005)


class HeldPrompter:
    """Lets planning begin, and go on only when `go` is set."""

    def __init__(self, prompter: Any) -> None:
        self._prompter = prompter
        self.go = threading.Event()

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        plans: list[SubGoal] = self._prompter.plan(observation, instruction)
        return plans

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        assert self.go.wait(PATIENCE_S)
        return sub_goal


@dataclass
class Running:
    """A server that runs."""

    port: int
    server: PolicyServer
    loop: asyncio.AbstractEventLoop
    ended: Future[bool]
    log: io.StringIO

    def stop(self) -> None:
        """End it, as a signal would."""
        if not self.ended.done():
            self.loop.call_soon_threadsafe(self.server.stop)

    @contextmanager
    def open(self, **options: Any) -> Iterator[ClientConnection]:
        """A client that has been greeted."""
        with connect(f"ws://127.0.0.1:{self.port}", compression=None, max_size=None, **options) as client:
            client.recv(PATIENCE_S)
            yield client

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text of a page."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def figure(self, name: str) -> float:
        """One line of the metrics; 0 where there is none yet."""
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        return 0.0


def ask(client: ClientConnection, message: Message) -> Message | str:
    """The reply to a request; text is an error."""
    client.send(pack(message))
    return answer_of(client)


def answer_of(client: ClientConnection) -> Message | str:
    """The next reply."""
    data = client.recv(PATIENCE_S)
    return data if isinstance(data, str) else unpack(data)


def good(reply: Message | str) -> Message:
    """The reply, which is no error."""
    assert isinstance(reply, dict), reply
    return reply


def handshake() -> bytes:
    """The first bytes of a websocket client."""
    return (
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )


def request_of(observation: Observation, prompt: str = "put the cube in the bowl") -> Message:
    """The message that says what `observation` says."""
    robot = observation.robot
    message: Message = {
        "prompt": prompt,
        "observation/position": robot.position,
        "observation/quat_wxyz": robot.quat_wxyz,
        "observation/gripper_opening": robot.gripper_opening,
        "observation/joint_positions": robot.joint_positions,
        "observation/time_s": observation.time_s,
    }
    for frame in observation.frames:
        message[f"observation/image/{frame.name}"] = frame.image
        message[f"observation/intrinsics/{frame.name}"] = frame.camera.intrinsics
        message[f"observation/T_base_cam/{frame.name}"] = frame.camera.T_base_cam
    return message


@pytest.fixture
def message(observation: Observation) -> Message:
    """A good request."""
    return request_of(observation)


Serve = Callable[..., Running]


@pytest.fixture
def serve(bundle_folder: Path, prompter: Any, make_test_agent: Any) -> Iterator[Serve]:
    """Starts servers; each is stopped at the end."""
    running: list[Running] = []

    def start(
        folder: Path = bundle_folder, prompter: Any = prompter, token: str | None = None, **limits: Any
    ) -> Running:
        agent = make_test_agent(folder)
        bundle, config = agent.networks.bundle, LoopConfig(max_steps=6)
        reader = RequestReader(bundle.manifest, bundle.manifest.image_size)
        bounds = ServeLimits(**limits)
        log = io.StringIO()

        def make_session() -> Session:
            own = make_test_agent(folder)
            return Session(own, prompter, own.judge, config)

        greeting = metadata(bundle.manifest, reader, bounds, config.execute_steps)
        service = Service(make_session, reader, greeting, bounds, token, Journal(log))
        ready: Future[Running] = Future()
        ended: Future[bool] = Future()

        async def main() -> bool:
            server, loop = PolicyServer(service), asyncio.get_running_loop()
            return await server.run(
                "127.0.0.1", 0, lambda port: ready.set_result(Running(port, server, loop, ended, log))
            )

        def run() -> None:
            try:
                ended.set_result(asyncio.run(main()))
            except BaseException as error:
                ended.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        running.append(ready.result(PATIENCE_S))
        return running[-1]

    yield start
    for one in running:
        one.stop()
        one.ended.result(PATIENCE_S)


def changed(message: Message, **changes: Any) -> Message:
    """The message with other values; `__` stands for `/`, and None takes a key away."""
    other = {**message, **{name.replace("__", "/"): value for name, value in changes.items()}}
    return {key: value for key, value in other.items() if value is not None}
