"""`vplanner serve`: the planner for robot code that runs elsewhere, over openpi's websocket protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vplanner.commands.common import (
    check_at_least,
    check_execute_steps,
    check_prompter,
    check_threads,
    check_writable,
    quiet_threads,
)
from vplanner.prompter_options import PrompterArgument, PrompterOptions
from vplanner.serving.limits import ServeLimits

if TYPE_CHECKING:
    from pydantic import JsonValue

    from vplanner.serving.server import Service

_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Serve:
    """Answer observations with actions, for openpi's client and others of its protocol (docs/serve.md)."""

    host: str = "127.0.0.1"
    """Address to listen at. Any that other machines can reach needs a token."""
    port: int = 8000
    """Port to listen at; 0 lets the system choose one, which --json tells."""
    token_variable: str = "VPLANNER_SERVE_TOKEN"
    """The environment variable with the token that clients must send. Not set means that none is asked for."""
    samples: int = 4
    """Imagined futures per request."""
    execute_steps: int = 2
    """Steps of each plan that clients are told to execute before they ask again."""
    max_steps: int = 80
    """Give up a sub-goal after so many steps."""
    plan_seed: int = 0
    """Seed of the imagination's noise: the same one answers the same requests in the same way."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    threads: int | None = None
    """Threads of the networks; without it, one per physical core."""
    limits: Annotated[ServeLimits, tyro.conf.arg(name="")] = field(default_factory=ServeLimits)
    prompter: PrompterArgument = field(default_factory=PrompterOptions)
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the address here as soon as the server listens, and at the end how much it answered."""

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM; 0 when what was being planned then came to its end, else 1.

        Raises:
            InputError: The address cannot be used, or needs a token; numbers out of range; no such prompter.
            BundleError: The networks cannot be used.
            StorageError: The JSON file cannot be written.
            MissingDependencyError: `websockets` or `msgpack` is not installed.
        """
        quiet_threads()
        import asyncio
        import os

        from vplanner.serving.access import check_token

        for option, value, least in (
            ("--port", self.port, 0),
            ("--samples", self.samples, 1),
            ("--execute-steps", self.execute_steps, 1),
            ("--max-steps", self.max_steps, 1),
            ("--plan-seed", self.plan_seed, 0),
        ):
            check_at_least(option, value, least)
        self._check_port()
        check_threads(self.threads)
        check_writable(self.json_file)
        check_prompter(self.prompter)
        token = os.environ.get(self.token_variable) or None
        check_token(self.host, token, self.token_variable)
        service, name = self._service(token)
        return asyncio.run(self._serve(service, name))

    def _check_port(self) -> None:
        from vplanner.errors import InputError

        if self.port > _HIGHEST_PORT:
            raise InputError(f"--port {self.port} is out of range; give 0 to {_HIGHEST_PORT}")

    def _service(self, token: str | None) -> tuple[Service, str]:
        """What is served, and the name of its bundle."""
        import sys

        import numpy as np

        from vplanner.agent import AgentConfig, make_agent, open_networks, open_prompter
        from vplanner.backends import BackendConfig
        from vplanner.bundle import load_bundle
        from vplanner.errors import MissingDependencyError
        from vplanner.planner import PlannerConfig
        from vplanner.prompting import choose_judge, prompter_maker
        from vplanner.pursuit import LoopConfig

        try:
            from vplanner.serving.journal import Journal
            from vplanner.serving.replies import metadata
            from vplanner.serving.requests import RequestReader
            from vplanner.serving.server import Service
            from vplanner.serving.session import Session
        except ModuleNotFoundError as error:
            raise MissingDependencyError(f"{error.name} is not installed; pip install 'vplanner[serve]'") from error

        backend = BackendConfig(threads=self.threads)
        config = AgentConfig(planner=PlannerConfig(samples=self.samples), backend=backend)
        bundle = load_bundle(self.bundle)
        check_execute_steps(self.execute_steps, bundle.manifest.horizon)
        networks = open_networks(bundle, config)
        make_prompter = prompter_maker(self.prompter, open_prompter(bundle, backend), bundle.manifest.views)
        loop = LoopConfig(execute_steps=self.execute_steps, max_steps=self.max_steps)

        def make_session() -> Session:
            agent, prompter = make_agent(networks, config, np.random.default_rng(self.plan_seed)), make_prompter()
            return Session(agent, prompter, choose_judge(self.prompter, prompter, agent.judge), loop)

        make_session()  # what is wrong with the options comes out now
        reader = RequestReader(bundle.manifest, bundle.manifest.image_size)
        greeting = metadata(bundle.manifest, reader, self.limits, self.execute_steps)
        service = Service(make_session, reader, greeting, self.limits, token, Journal(sys.stderr))
        return service, bundle.manifest.name

    async def _serve(self, service: Service, bundle: str) -> int:
        import asyncio
        import os
        import signal

        from rich.console import Console
        from rich.markup import escape

        from vplanner.run_folder import write_json
        from vplanner.serving.server import PolicyServer

        server = PolicyServer(service)
        loop = asyncio.get_running_loop()
        described: dict[str, JsonValue] = {}

        def write(content: JsonValue) -> None:
            if self.json_file is not None:
                write_json(self.json_file, content)

        def stop() -> None:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)  # a second signal ends the process at once
            server.stop()

        def on_ready(port: int) -> None:
            host = f"[{self.host}]" if ":" in self.host else self.host
            described.update(url=f"ws://{host}:{port}", host=self.host, port=port, pid=os.getpid(), bundle=bundle)
            described["token_variable"] = None if service.token is None else self.token_variable
            write(described)
            service.journal.write("listening", **described)
            Console().print(f"{escape(bundle)} is served at ws://{escape(host)}:{port} (Ctrl-C ends it)")

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        ended = await server.run(self.host, self.port, on_ready)
        counts = {"requests": server.metrics.requests, "answered": server.metrics.answered}
        write({**described, **counts})
        return 0 if ended else 1
