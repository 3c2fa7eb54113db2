"""A vision-language model in this process, through transformers: the families Qwen-VL, SmolVLM and others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vplanner.errors import InputError, MissingDependencyError, PrompterError
from vplanner.prompting.chat import REPLY_TOKENS, Budget, Message, Schema
from vplanner.prompting.replies import plain


class TransformersChat:
    """A model from a folder or from the Hugging Face hub: safetensors only, and no code but that of transformers."""

    def __init__(self, model: str, device: str, most_tokens: int = REPLY_TOKENS) -> None:
        """Load the model.

        Args:
            model: A folder, or a name on the hub.
            device: Where it runs, such as `cuda` or `cpu`.
            most_tokens: Longest reply.

        Raises:
            MissingDependencyError: transformers, or what a model needs beside it, is not installed.
            InputError: There is no such model or device, or it needs code or weights that are not loaded.
        """
        try:
            import transformers
        except ModuleNotFoundError as error:
            raise MissingDependencyError(f"{error.name} is not installed; pip install 'vplanner[vlm]'") from error
        try:
            self._processor: Any = transformers.AutoProcessor.from_pretrained(model, trust_remote_code=False)
            network: Any = transformers.AutoModelForImageTextToText.from_pretrained(
                model, trust_remote_code=False, use_safetensors=True, dtype="auto"
            )
        except ImportError as error:
            reason = plain(str(error))
            raise MissingDependencyError(
                f"{model} needs more packages ({reason}); pip install 'vplanner[vlm]'"
            ) from error
        except Exception as error:  # each kind of damaged or strange model raises something else
            raise InputError(
                f"--prompter-model {model}: cannot be loaded ({plain(str(error))}); give a folder or a name on the hub "
                "of a model that takes pictures and text, with safetensors and no code of its own"
            ) from error
        try:
            self._model = network.to(device).eval()
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            raise InputError(f"--prompter-device {device}: cannot be used ({plain(str(error))})") from error
        self._most_tokens = most_tokens
        self._special = sorted(self._processor.tokenizer.get_added_vocab(), key=len, reverse=True)

    def ask(self, messages: Sequence[Message], schema: Schema, budget: Budget) -> str:
        """The text of the reply; see `ChatModel`. The words of the question alone ask for the schema."""
        seconds = budget.take()
        turns = [self._turn(message) for message in messages]
        images = [image for message in messages for image in message.images]
        try:
            text = self._processor.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
            feeds = self._processor(text=[text], images=[images] if images else None, return_tensors="pt")
            feeds = feeds.to(self._model.device, dtype=self._model.dtype)
            tokens = self._model.generate(**feeds, do_sample=False, max_new_tokens=self._most_tokens, max_time=seconds)
        except Exception as error:  # out of memory, too many tokens, whatever the model's own template raises
            raise PrompterError(f"the model failed: {plain(str(error))}") from error
        reply = tokens[:, feeds["input_ids"].shape[1] :]
        return str(self._processor.batch_decode(reply, skip_special_tokens=True)[0])

    def _turn(self, message: Message) -> dict[str, Any]:
        content: list[dict[str, str]] = [{"type": "image"} for _ in message.images]
        return {"role": message.role, "content": [*content, {"type": "text", "text": self._defused(message.text)}]}

    def _defused(self, text: str) -> str:
        """The text without the model's own marks, with which words could pass for another turn or another picture."""
        for mark in self._special:
            text = text.replace(mark, " ")
        return text
