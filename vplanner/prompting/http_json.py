"""One HTTP request with JSON, over the standard library: bounded in time and size, and never led elsewhere."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO

from pydantic import JsonValue

LARGEST_BODY = 1_000_000
"""Larger replies [byte] are an error."""
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class HttpReply:
    """What a server answered; `retry_after_s` is its own wish for a pause [s]."""

    status: int
    body: bytes
    retry_after_s: float | None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key and the pictures to a place that the user has not named."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        return None


def post_json(url: str, content: JsonValue, headers: Mapping[str, str], timeout_s: float) -> HttpReply:
    """Post `content` and give the answer, whatever its status.

    Raises:
        TimeoutError: The server is silent, or still talking, after `timeout_s`.
        ConnectionResetError: It hung up, or does not speak HTTP.
        ValueError: Its answer is too large.
        OSError: It cannot be reached.
    """
    data = json.dumps(content).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method="POST")
    end = time.monotonic() + timeout_s
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=timeout_s) as response:
            return _read(response, response.status, response.headers, end)
    except urllib.error.HTTPError as error:
        with error:
            return _read(error, error.code, error.headers, end)
    except urllib.error.URLError as error:
        if isinstance(error.reason, OSError):
            raise error.reason from error
        raise OSError(str(error.reason)) from error
    except http.client.HTTPException as error:
        raise ConnectionResetError(f"no HTTP answer ({type(error).__name__})") from error


def _read(stream: IO[bytes] | http.client.HTTPResponse, status: int, headers: Message, end: float) -> HttpReply:
    body = bytearray()
    while chunk := stream.read1(_CHUNK):  # type: ignore[union-attr]
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ValueError(f"its answer is larger than {LARGEST_BODY} bytes")
        if time.monotonic() > end:
            raise TimeoutError("it is still answering")
    return HttpReply(status, bytes(body), _seconds(headers.get("Retry-After", "")))


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
