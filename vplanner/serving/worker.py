"""One thread that plans, and a short queue before it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from vplanner.errors import VPlannerError
from vplanner.serving.refusals import BusyError, ClosingError, DeadlineError

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, eq=False)
class _Job(Generic[_Result]):
    work: Callable[[], _Result]
    result: asyncio.Future[_Result]


class Worker(Generic[_Result]):
    """Runs jobs one after the other. All methods are for the thread of the event loop that made it."""

    def __init__(self, most_waiting: int) -> None:
        """Start the thread; `most_waiting` jobs may wait beside the one that runs."""
        self._loop = asyncio.get_running_loop()
        self._most_waiting = most_waiting
        self._waiting: deque[_Job[_Result]] = deque()
        self._inbox: queue.SimpleQueue[_Job[_Result] | None] = queue.SimpleQueue()
        self._closing = False
        self.busy = False
        # A daemon, so that a job that hangs does not keep the process from ending.
        self._thread = threading.Thread(target=self._work, name="planning", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        return len(self._waiting)

    async def run(
        self, work: Callable[[], _Result], deadline_s: float, gone: Callable[[], Awaitable[object]]
    ) -> _Result:
        """The result of `work`, or what it raises.

        A job that has not begun when its caller leaves never does; one that has runs to its end, unheard.

        Args:
            work: Runs in the worker's thread.
            deadline_s: How long to wait for the result.
            gone: Gives what completes when nobody wants the result any more.

        Raises:
            BusyError: Too many jobs wait.
            DeadlineError: The time is over.
            ClosingError: The worker closes and had not begun with this job.
            ConnectionResetError: Nobody wants the result any more.
            RuntimeError: The job failed in a way that nobody foresaw, which is the cause.
        """
        if self._closing:
            raise ClosingError("the server shuts down")
        if self.busy and len(self._waiting) >= self._most_waiting:
            raise BusyError(f"a request is being planned, {self.waiting} wait, and no more may; ask again later")
        job = _Job(work, self._loop.create_future())
        self._waiting.append(job)
        self._dispatch()
        left = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({job.result, left}, timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED)
            if job.result.done():
                return job.result.result()
            if left.done():
                raise ConnectionResetError("the client left")
            why = "it still waited for its turn" if job in self._waiting else "it was being planned"
            raise DeadlineError(f"no answer within {deadline_s:g} s; {why}")
        finally:
            left.cancel()
            job.result.cancel()
            with contextlib.suppress(ValueError):
                self._waiting.remove(job)

    async def close(self, timeout_s: float) -> bool:
        """Refuse what waits, and wait for what runs; False when that takes longer than `timeout_s`."""
        self._closing = True
        while self._waiting:
            self._waiting.popleft().result.set_exception(ClosingError("the server shuts down"))
        self._inbox.put(None)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._thread.is_alive():
                    await asyncio.sleep(0.01)
        return not self._thread.is_alive()

    def _dispatch(self) -> None:
        if self._waiting and not self.busy:
            self.busy = True
            self._inbox.put(self._waiting.popleft())

    def _finish(self, job: _Job[_Result], outcome: _Result | BaseException) -> None:
        self.busy = False
        if not job.result.done():
            if isinstance(outcome, BaseException):
                job.result.set_exception(outcome)
            else:
                job.result.set_result(outcome)
        self._dispatch()

    def _work(self) -> None:
        while (job := self._inbox.get()) is not None:
            outcome: _Result | BaseException
            try:
                outcome = job.work()
            except VPlannerError as error:
                outcome = error
            except BaseException as error:
                outcome = RuntimeError(f"{type(error).__name__}: {error}")
                outcome.__cause__ = error
            try:
                self._loop.call_soon_threadsafe(self._finish, job, outcome)
            except RuntimeError:  # the loop has ended without waiting for this job
                return
