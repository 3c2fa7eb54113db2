"""Any server that speaks OpenAI's chat completions with pictures: vLLM, Ollama, llama.cpp, hosted ones."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue, ValidationError

from vplanner.errors import InputError, PrompterError, PromptRefusedError
from vplanner.prompting.chat import REPLY_TOKENS, Budget, Message, Schema
from vplanner.prompting.http_json import HttpReply, post_json
from vplanner.prompting.replies import plain
from vplanner.types import Image

_FORMATS = ("json_schema", "json_object", "text")
"""From the strictest form of reply to the one that every server gives."""
_FORMAT_UNKNOWN = (400, 415, 422, 500, 501)
"""How servers answer to a form that they do not know; some with an error of their own, which is then tried twice."""
_PASSING = (408, 409, 425, 429, 500, 502, 503, 504)
_TRIES = 4
_PAUSE_S = 0.5


class _Said(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Said


class _Completion(BaseModel):
    choices: tuple[_Choice, ...]


class OpenAIChat:
    """A model on a server. The key is sent to that server, and appears nowhere else."""

    def __init__(
        self, url: str, model: str, key: str | None, timeout_s: float, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Name the server; it is not contacted yet.

        Args:
            url: Address up to and with `/v1`.
            model: Name of the model on the server.
            key: API key, where the server wants one.
            timeout_s: Longest wait for one answer [s].
            sleep: Waits for so many seconds between two attempts.

        Raises:
            InputError: The address or the key cannot be used.
        """
        self._url = _checked(url).rstrip("/") + "/chat/completions"
        if key is not None and not (key.isascii() and key.isprintable() and key.strip() == key):
            raise InputError("the API key has blanks around it or characters that no key has; set the variable anew")
        self._key = key or None
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._format = 0
        self._fixed: dict[str, JsonValue] = {"model": model, "stream": False}
        self._extras: dict[str, JsonValue] = {"temperature": 0.0, "max_tokens": REPLY_TOKENS}

    def ask(self, messages: Sequence[Message], schema: Schema, budget: Budget) -> str:
        """The text of the reply; see `ChatModel`."""
        said: list[JsonValue] = [_as_json(message) for message in messages]
        level, failures, problem = self._format, 0, ""
        while True:
            timeout_s = min(self._timeout_s, budget.take(problem))
            body: JsonValue = {**self._fixed, **self._extras, **_response_format(level, schema), "messages": said}
            pause_s = _PAUSE_S * 2.0**failures
            reply = self._post(body, timeout_s)
            if isinstance(reply, HttpReply):
                if reply.status == 200:
                    self._format = level
                    return self._text(reply)
                problem = self._problem(reply)
                if self._dropped_extra(reply):
                    continue
                unknown_format = reply.status in _FORMAT_UNKNOWN and (reply.status != 500 or failures > 0)
                if unknown_format and level + 1 < len(_FORMATS):
                    level, failures = level + 1, 0
                    continue
                if reply.status not in _PASSING:
                    raise PrompterError(problem)
                pause_s = max(pause_s, reply.retry_after_s or 0.0)
            else:
                problem = reply
            failures += 1
            if failures == _TRIES:
                raise PrompterError(f"{problem} ({failures} attempts)")
            self._sleep(max(0.0, min(pause_s, budget.seconds_left)))

    def _post(self, body: JsonValue, timeout_s: float) -> HttpReply | str:
        """The answer, or what went wrong in a way that may pass. Raises `PrompterError` for what will not."""
        headers = {} if self._key is None else {"Authorization": f"Bearer {self._key}"}
        try:
            return post_json(self._url, body, headers, timeout_s)
        except TimeoutError:
            return f"{self._url}: no answer within {timeout_s:.3g} s; is the model loaded? See --prompter-timeout"
        except ConnectionResetError as error:
            return f"{self._url}: hung up ({plain(str(error))})"
        except ValueError as error:
            raise PrompterError(f"{self._url}: {error}; is this a chat server?") from error
        except OSError as error:
            raise PrompterError(
                f"{self._url}: cannot be reached ({plain(error.strerror or str(error))}); check --prompter-url, and "
                "that the server runs"
            ) from error

    def _dropped_extra(self, reply: HttpReply) -> bool:
        """Whether the server does not take one of the settings that can be spared; it is then sent no more."""
        named = [name for name in self._extras if name.encode() in reply.body]
        if reply.status not in (400, 422) or not named:
            return False
        del self._extras[named[0]]
        return True

    def _text(self, reply: HttpReply) -> str:
        try:
            completion = _Completion.model_validate_json(reply.body)
        except ValidationError as error:
            shown = self._shown(reply.body)
            raise PrompterError(
                f"{self._url}: answers, but with no chat completion ({shown}); check the URL"
            ) from error
        if not completion.choices:
            return ""
        said = completion.choices[0].message
        if said.refusal:
            raise PromptRefusedError(f"the model refuses: {plain(said.refusal)}")
        return said.content or ""

    def _problem(self, reply: HttpReply) -> str:
        hint = {
            401: "; "
            + ("it does not take the API key" if self._key else "it wants an API key: --prompter-key-variable"),
            403: "; this key may not use the model" if self._key else "; it wants an API key: --prompter-key-variable",
            404: "; check --prompter-url (it mostly ends in /v1) and --prompter-model",
        }.get(reply.status, "; it sends elsewhere: give --prompter-url as it is" if 300 <= reply.status < 400 else "")
        return f"{self._url}: HTTP {reply.status} ({self._shown(reply.body)}){hint}"

    def _shown(self, body: bytes) -> str:
        text = body.decode("utf-8", "replace")
        return plain(text.replace(self._key, "***") if self._key else text) or "no text"


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or parts.query or parts.fragment or not (url.isascii() and url.isprintable()):
        shown = "it" if "@" in url else f"'{plain(url)}'"
        raise InputError(
            f"--prompter-url: {shown} cannot be used; give http(s)://host:port/v1, without a password or query"
        )
    return url


def _response_format(level: int, schema: Schema) -> dict[str, JsonValue]:
    match _FORMATS[level]:
        case "json_schema":
            named: JsonValue = {"name": "reply", "strict": True, "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        case "json_object":
            return {"response_format": {"type": "json_object", "schema": schema}}
        case _:
            return {}


def _as_json(message: Message) -> JsonValue:
    if not message.images:
        return {"role": message.role, "content": message.text}
    pictures: list[JsonValue] = [
        {"type": "image_url", "image_url": {"url": _data_url(image)}} for image in message.images
    ]
    return {"role": message.role, "content": [*pictures, {"type": "text", "text": message.text}]}


def _data_url(image: Image) -> str:
    from vplanner.imaging import as_png  # here, because OpenCV is an extra

    return "data:image/png;base64," + base64.b64encode(as_png(image)).decode()
