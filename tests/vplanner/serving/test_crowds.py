"""Hundreds of clients that are silent or send nonsense do not keep a good one from its answers."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from vplanner.serving.wire import Message

from .conftest import PATIENCE_S, Serve, ask, changed, good, handshake, until


def test_those_who_never_finish_their_handshake_keep_nobody_out(serve: Serve, message: Message) -> None:
    server = serve(connections=2, handshake_s=30.0)
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(350)]
    for one in silent[::2]:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
    with server.open() as client:
        assert good(ask(client, message))["status"] == "moving"
    assert server.figure('vplanner_refused_connections_total{reason="handshake"}') >= 80
    for one in silent:
        one.close()


def test_two_hundred_at_once_do_not_keep_a_good_client_from_its_answers(serve: Serve, message: Message) -> None:
    server = serve(connections=24, request_mb=1.0)
    frames = [
        b"\x82\x81" + bytes(4) + b"\xc1",  # no msgpack
        b"\x82\xff\x7f" + b"\xff" * 7 + bytes(4),  # a frame of nine million million million bytes
        b"\x00\x00\x00\x00",  # no masked frame
        b"\x81\x84" + bytes(4) + b"\xff\xfe\xfd\xfc",  # text that is no UTF-8
        b"\x82\xfe\xff\xff" + bytes(4) + b"half a frame",
        b"",
    ]

    async def pester(number: int) -> None:
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                try:
                    writer.write((handshake() if number % 5 else b"NONSENSE\r\n\r\n") + frames[number % len(frames)])
                    with suppress(TimeoutError):
                        async with asyncio.timeout(1.0):
                            while await reader.read(4096):
                                pass
                finally:
                    writer.transport.abort()
            await asyncio.sleep(2.0)

    async def crowd() -> None:
        await asyncio.gather(*(pester(number) for number in range(200)))

    with server.open() as client, in_a_thread(crowd):
        until(lambda: server.server.metrics.refused_connections.total() > 50)
        for _ in range(10):
            assert good(ask(client, changed(message, reset=True)))["status"] == "moving"
        assert server.get("/healthz") == (200, "ok\n")
    until(lambda: server.figure("vplanner_clients") == 0)
    with server.open() as client:
        assert good(ask(client, message))["status"] == "moving"
    assert server.figure('vplanner_refused_connections_total{reason="full"}') > 0


@contextmanager
def in_a_thread(work: Callable[[], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Runs a coroutine beside the test, until its end."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(work())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.run_until_complete(asyncio.sleep(0.0))  # connections that were cut off are closed in the next round
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE_S)
