"""Which prompter reads the instructions, and how it is reached: the options of every command that needs one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import tyro

DEFAULT_URL = "http://127.0.0.1:8000/v1"


@dataclass(frozen=True, slots=True)
class PrompterOptions:
    """The embedded prompter needs nothing else; a vision-language model (VLM) reads freer words (docs/prompters.md)."""

    kind: Annotated[Literal["embedded", "openai", "transformers"], tyro.conf.arg(name="prompter")] = "embedded"
    """Who reads the instruction: the bundle's networks, a VLM on a server, or a VLM in this process."""
    url: Annotated[str, tyro.conf.arg(name="prompter-url")] = DEFAULT_URL
    """For `openai`: the server that is sent words and pictures. Ports: vLLM 8000, llama.cpp 8080, Ollama 11434."""
    model: Annotated[str | None, tyro.conf.arg(name="prompter-model")] = None
    """Needed for a VLM: its name on the server, or for `transformers` a folder or a name on the Hugging Face hub."""
    fallback: Annotated[Literal["none", "embedded"], tyro.conf.arg(name="prompter-fallback")] = "none"
    """Who plans when the VLM cannot be reached, or gives no usable answer. What it refuses stays refused."""
    judge: Annotated[bool, tyro.conf.arg(name="prompter-judge")] = False
    """Let the VLM, not the bundle's critic, say when a sub-goal is reached: one more call at every replan."""
    key_variable: Annotated[str, tyro.conf.arg(name="prompter-key-variable")] = "VPLANNER_API_KEY"
    """For `openai`: the environment variable with the server's API key. Not set means that no key is sent."""
    timeout_s: Annotated[float, tyro.conf.arg(name="prompter-timeout")] = 60.0
    """Longest wait for one answer [s]."""
    most_calls: Annotated[int, tyro.conf.arg(name="prompter-calls")] = 8
    """Most calls for one plan, with all repetitions."""
    most_seconds: Annotated[float, tyro.conf.arg(name="prompter-seconds")] = 180.0
    """Most time for one plan [s], with all repetitions."""
    most_sub_goals: Annotated[int, tyro.conf.arg(name="prompter-sub-goals")] = 6
    """A plan with more sub-goals is not carried out."""
    device: Annotated[str, tyro.conf.arg(name="prompter-device")] = "cpu"
    """For `transformers` (pip install 'vplanner[vlm]'): where the VLM runs, such as cuda, cuda:1, mps or cpu."""


PrompterArgument = Annotated[PrompterOptions, tyro.conf.arg(name="")]
"""A field of this type gives a command all of the options above."""
