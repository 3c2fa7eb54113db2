"""Opens the prompter, and the judge, that the options name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from vplanner.errors import InputError
from vplanner.prompter_options import PrompterOptions
from vplanner.prompting.chat import ChatModel
from vplanner.prompting.embedded import EmbeddedPrompter
from vplanner.prompting.openai import OpenAIChat
from vplanner.prompting.transformers import TransformersChat
from vplanner.prompting.vlm import VlmLimits, VlmPrompter
from vplanner.protocols import Judge, Prompter


def choose_prompter(options: PrompterOptions, embedded: EmbeddedPrompter, views: Sequence[str]) -> Prompter:
    """The prompter of `options`: `embedded` itself, or one that asks a VLM about the cameras `views`.

    Raises:
        InputError: The options lack a model, or name one, or an address, that cannot be used.
        MissingDependencyError: What the prompter needs is not installed.
    """
    return embedded if options.kind == "embedded" else prompter_maker(options, embedded, views)()


def prompter_maker(
    options: PrompterOptions, embedded: EmbeddedPrompter, views: Sequence[str]
) -> Callable[[], Prompter]:
    """Makes prompters for episodes that run side by side: one set of networks, one connection, a memory each.

    Raises as `choose_prompter` does.
    """
    if options.kind == "embedded":
        return embedded.fresh
    limits = VlmLimits(options.most_calls, options.most_seconds, options.most_sub_goals)
    chat, fall_back = _open_chat(options), _tell if options.fallback == "embedded" else None
    return lambda: VlmPrompter(chat, embedded.fresh(), views, limits, fall_back)


def choose_judge(options: PrompterOptions, prompter: Prompter, critic: Judge) -> Judge:
    """Who says when a sub-goal is reached: the `critic`, or the VLM of `prompter` where the options want that.

    Raises `InputError` when they want it of a prompter that cannot judge.
    """
    if not options.judge:
        return critic
    if isinstance(prompter, VlmPrompter):
        return prompter
    raise InputError("--prompter-judge needs a VLM; give --prompter openai or --prompter transformers")


def _open_chat(options: PrompterOptions) -> ChatModel:
    if not options.model:
        raise InputError(f"--prompter {options.kind} needs --prompter-model, such as Qwen/Qwen3-VL-4B-Instruct")
    if options.kind == "transformers":
        return TransformersChat(options.model, options.device)
    return OpenAIChat(options.url, options.model, os.environ.get(options.key_variable), options.timeout_s)


def _tell(problem: str) -> None:
    print(f"vplanner: the embedded prompter plans instead: {problem}", file=sys.stderr)
