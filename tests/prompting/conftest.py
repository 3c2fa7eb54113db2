"""The prompter of the committed bundle, a scene to look at, and a chat server that misbehaves on demand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle, default_bundle_path, load_bundle
from vplanner.prompting import EmbeddedPrompter, VlmLimits, VlmPrompter
from vplanner.prompting.openai import OpenAIChat
from vplanner.scenes import SceneBuilder
from vplanner.transforms import project
from vplanner.types import Observation

VIEWS = ("front", "side")
Make = Callable[..., VlmPrompter]
FORMATS = ("json_schema", "json_object", "text")


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    path: Path = default_bundle_path() / "bundle.json"
    if not path.is_file() or "prompter_vision" not in json.loads(path.read_text())["components"]:
        pytest.skip(f"{path} has no prompter; train and export one first")
    return load_bundle(path.parent)


@pytest.fixture(scope="session")
def prompter(bundle: Bundle) -> EmbeddedPrompter:
    return EmbeddedPrompter(bundle, BackendConfig(threads=1))


class ChatServer:
    """A server process on loopback; see chat_server.py."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}/v1"

    def script(self, *steps: dict[str, Any], formats: Sequence[str] = FORMATS, unknown: int = 400) -> None:
        content = {"steps": steps, "formats": list(formats), "unknown": unknown}
        (self.folder / "script.json").write_text(json.dumps(content))
        (self.folder / "requests.jsonl").unlink(missing_ok=True)

    @property
    def requests(self) -> list[dict[str, Any]]:
        log = self.folder / "requests.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture(scope="session")
def chat_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    folder = tmp_path_factory.mktemp("chat")
    program = Path(__file__).with_name("chat_server.py")
    process = subprocess.Popen([sys.executable, str(program), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield ChatServer(folder, int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class SeenScene:
    """What the cameras show, and where source and target really are."""

    instruction: str
    observation: Observation
    source: Any
    target: Any

    def thing(self, label: str, position: Any) -> dict[str, Any]:
        points = []
        for frame in self.observation.frames:
            u, v = project(frame.camera, position)[0].tolist()
            points.append({"camera": frame.name, "u": u, "v": v})
        return {"label": label, "points": points}

    def step(self, **changes: Any) -> dict[str, Any]:
        """A right sub-goal, but for the changes."""
        things = {"source": self.thing("red cube", self.source), "target": self.thing("white bowl", self.target)}
        return {"skill": "pick_place", "text": "put it in", **things, **changes}

    def reply(self, *steps: dict[str, Any], refusal: str | None = None) -> str:
        return json.dumps({"refusal": refusal, "sub_goals": steps or [self.step()]})


@pytest.fixture(scope="session")
def scene() -> SeenScene:
    pytest.importorskip("mujoco")
    builder = SceneBuilder()
    built = builder.build("pick_place", 100_500)
    truth = builder.env("pick_place").truth()
    return SeenScene(built.instruction, built.robot.observe(), truth.source.position, truth.target.position)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def make(chat_server: Any, prompter: EmbeddedPrompter, pauses: list[float]) -> Make:
    def make_prompter(
        url: str | None = None, key: str | None = None, timeout_s: float = 20.0, fall_back: Any = None, **limits: Any
    ) -> VlmPrompter:
        chat = OpenAIChat(url or chat_server.url, "a-model", key, timeout_s, pauses.append)
        return VlmPrompter(chat, prompter, VIEWS, VlmLimits(**limits), fall_back)

    return make_prompter
