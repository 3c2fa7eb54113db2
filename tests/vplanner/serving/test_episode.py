"""The shipped bundle, the real server process, openpi's client and MuJoCo: the client is the one of docs/serve.md."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vplanner.bundle import default_bundle_path, load_bundle
from vplanner.cli import main
from vplanner.serving.requests import RequestReader
from vplanner.serving.wire import pack, unpack

from .conftest import PATIENCE_S, request_of, until

pytest.importorskip("mujoco")
BUNDLE = default_bundle_path()
SEED = 100_000


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, object]]]:
    """A server, and what it says of itself."""
    told = tmp_path / "server.json"
    words = ["--port", "0", "--threads", "1", "--samples", "8", "--bundle", str(BUNDLE), "--json", str(told)]
    command = [sys.executable, "-m", "vplanner.cli", "serve", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            deadline = time.monotonic() + 5 * PATIENCE_S
            while not told.is_file():
                assert server.poll() is None, server.communicate()[1]
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield server, json.loads(told.read_text())
        finally:
            server.kill()


def test_the_client_of_the_documents_succeeds(
    process: tuple[subprocess.Popen[str], dict[str, object]], repository: Path, tmp_path: Path
) -> None:
    pytest.importorskip("openpi_client", reason="pip install --no-deps openpi-client")
    _, server = process
    (code,) = re.findall(r"^```python\n(.*?)^```", (repository / "docs" / "serve.md").read_text(), re.M | re.S)
    words = ["127.0.0.1", str(server["port"]), "press_button", str(SEED)]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r": success after \d+ steps; the simulator says True", done.stdout), done.stdout


def test_sigterm_while_planning_loses_no_answer(
    process: tuple[subprocess.Popen[str], dict[str, object]], tmp_path: Path
) -> None:
    from urllib.request import urlopen

    from websockets.sync.client import connect

    from vplanner.sim_robot import SimRobot, make_env

    env = make_env("press_button")
    message = request_of(SimRobot(env, SEED).observe(), env.instruction)
    server, told = process
    url = f"http://127.0.0.1:{told['port']}"
    with connect(str(told["url"]), compression=None) as client:
        client.recv(PATIENCE_S)
        client.send(pack(message))
        until(lambda: b"\nvplanner_requests_total 1\n" in urlopen(f"{url}/metrics", timeout=PATIENCE_S).read())
        server.send_signal(signal.SIGTERM)
        answer = client.recv(5 * PATIENCE_S)
        assert isinstance(answer, bytes), answer
        assert unpack(answer)["actions"].shape == (4, 7)
    assert server.wait(5 * PATIENCE_S) == 0
    assert server.stderr is not None
    events = [json.loads(line) for line in server.stderr]
    assert [event["event"] for event in events][-1] == "closed"
    assert json.loads((tmp_path / "server.json").read_text())["requests"] == 1


def test_the_shipped_bundle_knows_its_cameras() -> None:
    from vplanner.sim_robot import calibration, make_env

    manifest = load_bundle(BUNDLE).manifest
    for view, camera in calibration(make_env("reach")).items():
        assert np.array_equal(np.float32(manifest.cameras[view].intrinsics), camera.intrinsics)
        assert np.array_equal(np.float32(manifest.cameras[view].T_base_cam), camera.T_base_cam)
    assert RequestReader(manifest, manifest.image_size).keys["needed"][0] == "prompt"


@pytest.mark.parametrize(
    ("words", "token", "reason"),
    [
        (["--host", "0.0.0.0"], "", "--host 0.0.0.0: other machines can reach this address, so clients need a token"),
        (["--host", "example.org"], "", "clients need a token"),
        (["--host", "0.0.0.0"], "short", "VPLANNER_SERVE_TOKEN: a token has 16 or more"),
        (["--port", "70000"], "", "--port 70000 is out of range; give 0 to 65535"),
        (["--queue", "-1"], "", "--queue -1 is out of range"),
        (["--deadline-s", "nan"], "", "--deadline-s nan is out of range"),
        (["--execute-steps", "9"], "", "the bundle plans 4 steps"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_line(
    words: list[str], token: str, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VPLANNER_SERVE_TOKEN", token)
    assert main(["serve", "--bundle", str(BUNDLE), *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert reason in line


def test_without_the_extra_the_command_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "msgpack", None)
    for name in [name for name in sys.modules if name.startswith("vplanner.serving.")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["serve", "--bundle", str(BUNDLE)]) == 2
    assert "msgpack is not installed; pip install 'vplanner[serve]'" in capsys.readouterr().err
