"""Worker processes with one thread each that draw without a screen; Ctrl-C ends them between two pieces of work."""

from __future__ import annotations

import os
import queue
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import TypeVar

from vplanner.errors import VPlannerError

Job = TypeVar("Job")
Result = TypeVar("Result")
OnProgress = Callable[[int], None]

_QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "LP_NUM_THREADS": "0"}


class StoppedError(VPlannerError):
    """The worker was asked to stop before its job was done."""


@dataclass(frozen=True, slots=True)
class _Links:
    """What connects a worker process to its parent."""

    done: Queue[int]
    stop: Event


_links: list[_Links] = []


def run_jobs(
    work: Callable[[Job], Result],
    jobs: Sequence[Job],
    *,
    workers: int,
    on_result: Callable[[Result], None],
    on_progress: OnProgress,
) -> bool:
    """Do all jobs in new processes; returns whether all were done, False after Ctrl-C.

    Args:
        work: a function at the top of a module, which calls `report_piece` after each piece of a job.
        jobs: what to do; at least one.
        workers: processes at most.
        on_result: called in this process with what each finished job returned.
        on_progress: called with the number of pieces done since its last call.

    Raises:
        VPlannerError: if a worker process dies, or what `work` raises.
    """
    context = get_context("spawn")
    done: Queue[int] = context.Queue()
    stop = context.Event()
    with (
        _quiet_workers(),
        ProcessPoolExecutor(
            min(workers, len(jobs)), mp_context=context, initializer=_start, initargs=(done, stop)
        ) as pool,
    ):
        running = {pool.submit(work, job) for job in jobs}
        try:
            while running:
                finished, _ = wait(running, timeout=0.2, return_when=FIRST_EXCEPTION)
                _drain(done, on_progress)
                for future in finished:
                    on_result(future.result())
                    running.remove(future)
        except KeyboardInterrupt:
            stop.set()
            pool.shutdown(cancel_futures=True)
            for future in running:  # some may have been finished while others were stopped
                if not future.cancelled() and future.exception() is None:
                    on_result(future.result())
            return False
        except BrokenProcessPool as error:
            raise VPlannerError("a worker process died (out of memory, or killed); run again to continue") from error
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
            _drain(done, on_progress)
    return True


def report_piece() -> None:
    """Tell the parent of this worker that a piece is done; raises `StoppedError` when it wants no more."""
    for links in _links:
        links.done.put(1)
        if links.stop.is_set():
            raise StoppedError("asked to stop")


def _start(done: Queue[int], stop: Event) -> None:
    """Prepare this process; the parent alone answers Ctrl-C, so that files are closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _links[:] = [_Links(done, stop)]


def _drain(done: Queue[int], on_progress: OnProgress) -> None:
    """Report what the workers have put into the queue."""
    count = 0
    try:
        while True:
            count += done.get_nowait()
    except queue.Empty:
        on_progress(count)


@contextmanager
def _quiet_workers() -> Iterator[None]:
    """Let processes started in this block use one thread each and draw without a screen."""
    before = dict(os.environ)
    os.environ.update(_QUIET)
    os.environ.setdefault("MUJOCO_GL", "egl")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
