"""Runs the steps of a plan until all processes have ended, and brings them down together."""

from __future__ import annotations

import asyncio
import signal

from vplanner.errors import StorageError
from vplanner_ros.launching.console import Console
from vplanner_ros.launching.plan import LogPlan, ProcessPlan, ShutdownPlan, Step, TimerPlan
from vplanner_ros.launching.process import Supervised

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_plan(steps: tuple[Step, ...], console: Console) -> int:
    """Run until everything has ended; 1 when a process ended as it should not have, else 0.

    The first Ctrl-C, SIGTERM or SIGHUP asks all processes to end, as does the end of one with `on_exit: shutdown`;
    the next Ctrl-C sends SIGTERM at once, and one more SIGKILL.

    Raises:
        StorageError: Parameter files or logs cannot be written.
    """
    return asyncio.run(_Runner(console).run(steps))


class _Runner:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._processes: list[Supervised] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._hurried = 0

    async def run(self, steps: tuple[Step, ...]) -> int:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._interrupted, number)
        try:
            self._take(steps)
            while self._tasks:
                done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                self._tasks -= done
                for task in done:
                    task.result()
        finally:
            for process in self._processes:
                process.send(signal.SIGKILL)  # only after an error of our own are there any left
            for number in _SIGNALS:
                loop.remove_signal_handler(number)
        return 1 if any(process.failed for process in self._processes) else 0

    def _take(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            if self._stopping.is_set():
                return
            match step:
                case LogPlan():
                    self._console.say(step.message)
                case ShutdownPlan():
                    self._stop(step.reason)
                case TimerPlan():
                    self._spawn(asyncio.create_task(self._later(step)))
                case ProcessPlan():
                    _write_files(step)
                    process = Supervised(step, self._console, self._ended)
                    self._processes.append(process)
                    self._spawn(asyncio.create_task(process.run()))

    def _spawn(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)

    async def _later(self, timer: TimerPlan) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), timer.period_s)
        except TimeoutError:
            self._take(timer.steps)

    def _ended(self, plan: ProcessPlan) -> None:
        if plan.on_exit_shutdown and not self._stopping.is_set():
            self._stop(f"{plan.name} has ended")

    def _stop(self, reason: str) -> None:
        if not self._stopping.is_set():
            self._console.say(f"shutting down: {reason}")
            self._stopping.set()
            for process in self._processes:
                process.stop()

    def _interrupted(self, number: signal.Signals) -> None:
        if not self._stopping.is_set():
            self._stop(f"{number.name} received")
            return
        self._hurried += 1
        following = signal.SIGTERM if self._hurried == 1 else signal.SIGKILL
        self._console.warn(f"{number.name} received again: sending {following.name} to what still runs")
        for process in self._processes:
            process.send(following)


def _write_files(plan: ProcessPlan) -> None:
    for file in plan.files:
        try:
            file.path.write_text(file.text, encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{file.path}: parameters cannot be written: {error}") from error
