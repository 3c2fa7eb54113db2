"""What several subcommands share."""

from __future__ import annotations

import os
from pathlib import Path

from vplanner.errors import InputError
from vplanner.prompter_options import PrompterOptions

TEST_SEED = 200_000
_SEARCHED_SCENES = 40


def quiet_threads() -> None:
    """Keep libraries that are loaded from now on, here and in child processes, on one thread that sleeps as it waits.

    numpy comes with the package: in this process it has counted its threads already.
    """
    for name, value in (("OMP_NUM_THREADS", "1"), ("OPENBLAS_NUM_THREADS", "1"), ("OMP_WAIT_POLICY", "PASSIVE")):
        os.environ.setdefault(name, value)


def check_at_least(option: str, value: float | None, least: float) -> None:
    """Raise `InputError` when the value of an option such as `--seed` is less than `least`; None is not checked."""
    if value is not None and not value >= least:
        raise InputError(f"{option} {value} is too small; it must be {least} or more")


def check_threads(value: int | None) -> None:
    """Raise `InputError` when `--threads` is below 1 or above what this machine has; None is not checked."""
    most = os.cpu_count() or 1
    if value is not None and not 1 <= value <= most:
        raise InputError(f"--threads {value} is out of range; this machine has {most}, so give 1 to {most}")


def check_prompter(options: PrompterOptions) -> None:
    """Raise `InputError` when one of the numbers is too small."""
    check_at_least("--prompter-timeout", options.timeout_s, 0.1)
    check_at_least("--prompter-calls", options.most_calls, 1)
    check_at_least("--prompter-seconds", options.most_seconds, 0.1)
    check_at_least("--prompter-sub-goals", options.most_sub_goals, 1)


def searched_seeds(seed: int | None) -> range:
    """The scenes to search for one that fits an instruction: the given one, or the first test scenes."""
    return range(TEST_SEED, TEST_SEED + _SEARCHED_SCENES) if seed is None else range(seed, seed + 1)


def scene_hint(options: PrompterOptions, refusal: str) -> str:
    """Why no scene was found, and, where a VLM was to read the instruction, how to name one."""
    if options.kind == "embedded":
        return refusal
    return f"{refusal} (scenes are searched by the embedded prompter; name one with --task and --seed)"


def check_execute_steps(value: int, horizon: int) -> None:
    """Raise `InputError` when more steps are to be executed than the bundle plans, or none."""
    if not 1 <= value <= horizon:
        raise InputError(
            f"--execute-steps {value} is out of range; the bundle plans {horizon} steps, so give 1 to {horizon}"
        )


def check_writable(path: Path | None) -> None:
    """Fail before long work rather than after it.

    Raises `InputError` when `path` is a folder, or lies where nothing can be written.
    """
    if path is None:
        return
    if path.is_dir():
        raise InputError(f"{path}: is a folder; give the name of a file")
    nearest = next(folder for folder in path.absolute().parents if folder.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK)):
        raise InputError(f"{path}: cannot be written, {nearest} is not a folder that you may write to")
