"""One process under supervision: started, its lines forwarded, started again, and brought down step by step."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable

from vplanner_ros.launching.console import Console
from vplanner_ros.launching.plan import ProcessPlan

_DRAIN_S = 1.0  # how long to wait for last lines when something else still holds the pipes
_ASKED_TO_END = frozenset({0, -signal.SIGINT, -signal.SIGTERM, 128 + signal.SIGINT, 128 + signal.SIGTERM})


class Supervised:
    """Runs a plan until it ends for good; `failed` then says whether it ended as it should not have."""

    def __init__(self, plan: ProcessPlan, console: Console, on_exit: Callable[[ProcessPlan], None]) -> None:
        """Call `on_exit` after each end, before it is decided whether to start again."""
        self.plan = plan
        self.failed = False
        self._console = console
        self._on_exit = on_exit
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._stopper: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None and self._process.returncode is None

    async def run(self) -> None:
        """Start it, and again after each end if the plan says so, until that is over or `stop` was called."""
        restarts = 0
        try:
            while not self._stopping.is_set():
                self.failed = not await self._once()
                self._on_exit(self.plan)
                most = self.plan.respawn_max_retries
                if not self.plan.respawn or 0 <= most <= restarts:
                    break
                restarts += 1
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self.plan.respawn_delay_s)
        finally:
            if self._stopper is not None:
                self._stopper.cancel()

    def stop(self) -> None:
        """Ask it to end: SIGINT now, SIGTERM and SIGKILL after the plan's timeouts. It is not started again."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._stopper = asyncio.create_task(self._escalate())

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and its children, if it runs."""
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _escalate(self) -> None:
        self.send(signal.SIGINT)
        await asyncio.sleep(self.plan.sigterm_timeout_s)
        self._warn_late(self.plan.sigterm_timeout_s, "SIGINT", "SIGTERM")
        self.send(signal.SIGTERM)
        await asyncio.sleep(self.plan.sigkill_timeout_s)
        self._warn_late(self.plan.sigkill_timeout_s, "SIGTERM", "SIGKILL")
        self.send(signal.SIGKILL)

    def _warn_late(self, seconds: float, sent: str, following: str) -> None:
        if self.running:
            self._console.warn(f"{self.plan.name} did not end within {seconds:g} s of {sent}; sending {following}")

    async def _once(self) -> bool:
        """One life of the process; True when it ended well."""
        name = self.plan.name
        pipes = [os.pipe(), os.pipe()]
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.plan.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipes[0][1],
                stderr=pipes[1][1],
                env=self.plan.environment,
                cwd=self.plan.cwd,
                process_group=0,  # Ctrl-C reaches the launch alone, which passes it on once
            )
        except OSError as error:
            for read_end, _ in pipes:
                os.close(read_end)
            self._console.warn(f"{name} cannot be started: {error}")
            return False
        finally:
            for _, write_end in pipes:
                os.close(write_end)
        self._console.say(f"{name} started with pid {self._process.pid}")
        if self._stopping.is_set():
            self.send(signal.SIGINT)  # `stop` came while there was nothing to send it to
        readers = [asyncio.create_task(self._forward(pipe[0], index == 1)) for index, pipe in enumerate(pipes)]
        status = await self._process.wait()
        await asyncio.wait(readers, timeout=_DRAIN_S)
        for reader in readers:
            reader.cancel()
        good = status in _ASKED_TO_END if self._stopping.is_set() else status == 0
        if good:
            self._console.say(f"{name} has ended (exit status {status})")
        else:
            self._console.warn(f"{name} has died (exit status {status}): {' '.join(self.plan.argv)}")
        return good

    async def _forward(self, descriptor: int, from_stderr: bool) -> None:
        """Pass on lines from a pipe until it closes."""
        loop = asyncio.get_running_loop()
        stream = asyncio.StreamReader()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(descriptor, "rb", buffering=0)
        )
        rest = b""
        try:
            while chunk := await stream.read(2**16):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._line(line, from_stderr)
        finally:
            if rest:
                self._line(rest, from_stderr)
            transport.close()

    def _line(self, line: bytes, from_stderr: bool) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self._console.line(self.plan.name, text, self.plan.output, from_stderr)
