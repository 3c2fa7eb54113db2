"""The networks of a replan in torch, each way in a process of its own, to be timed beside the runtime."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from select import select

from vplanner.bundle import Bundle
from vplanner.errors import InputError, MissingDependencyError

WAYS = ("torch eager", "torch.compile")


@dataclass(frozen=True, slots=True)
class TorchReplans:
    """Functions that run one replan, by the way in which torch does it, and the ways that failed or took too long."""

    calls: dict[str, Callable[[], None]]
    skipped: tuple[str, ...]


@contextmanager
def torch_replans(bundle: Bundle, samples: int, threads: int, patience_s: float) -> Iterator[TorchReplans]:
    """The networks of the bundle's preset in torch, eager and compiled; their processes end with the context.

    A process of its own keeps torch's threads and memory out of what is measured, and can be stopped: compiling takes
    minutes where the processor is slow or busy, and cannot be interrupted otherwise.

    Args:
        bundle: Says of which preset its networks are.
        samples: Imagined futures per replan.
        threads: Of torch.
        patience_s: How long both together may take until they are ready [s].

    Raises:
        InputError: The bundle does not say of which preset its networks are.
        MissingDependencyError: torch is not installed.
    """
    preset = bundle.manifest.training.get("preset")
    if importlib.util.find_spec("torch") is None:
        raise MissingDependencyError("--torch needs the extra `train` (pip install 'vplanner[train]')")
    if not isinstance(preset, str):
        raise InputError(f"{bundle.folder}: bundle.json names no preset in `training`, so --torch cannot rebuild it")
    deadline = time.monotonic() + patience_s
    calls: dict[str, Callable[[], None]] = {}
    with ExitStack() as stack:
        # One after the other: eager is ready in seconds, and must not wait for a compiler on the same cores.
        for way in WAYS:
            process = _start(way, preset, samples, threads)
            stack.callback(_stop, process)
            if _answered(process, deadline - time.monotonic()):
                calls[way] = lambda process=process: _one(process)  # type: ignore[misc]
            else:
                _stop(process)
        yield TorchReplans(calls, tuple(way for way in WAYS if way not in calls))


def _start(way: str, preset: str, samples: int, threads: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "vplanner_models.torch_speed", way, preset, str(samples), str(threads)]
    # Only what is torch's own goes to stderr; the session is what lets its compilers be stopped with it.
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )


def _answered(process: subprocess.Popen[bytes], patience_s: float | None) -> bool:
    """Whether the process wrote its line in time, None being any; one that ended never does."""
    assert process.stdout is not None
    if patience_s is not None and not select([process.stdout], [], [], max(0.0, patience_s))[0]:
        return False
    return bool(process.stdout.readline())


def _one(process: subprocess.Popen[bytes]) -> None:
    """One replan in that process."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    if not _answered(process, None):
        raise InputError("the process in which torch ran has ended; is there memory enough for it?")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and its compilers."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()
    process.wait()
