"""The policy server: accepts clients, answers their requests one plan at a time, and ends without losing a reply."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from vplanner.errors import InputError
from vplanner.serving.access import is_authorised
from vplanner.serving.door import Door
from vplanner.serving.journal import Journal
from vplanner.serving.limits import ServeLimits
from vplanner.serving.metrics import Metrics
from vplanner.serving.refusals import INTERNAL, RequestError, kind_of, reply_text
from vplanner.serving.replies import reply
from vplanner.serving.requests import RequestReader
from vplanner.serving.session import Answer, Session, SessionMaker
from vplanner.serving.wire import Message, pack, unpack
from vplanner.serving.worker import Worker

_CLOSE_S = 2.0
_GOING_AWAY, _POLICY = 1001, 1008
_FAULTS = {1002: "protocol", 1007: "protocol", 1009: "size", 1011: "slow"}
"""Codes with which `websockets` closes a client by itself."""

_quiet = logging.getLogger("vplanner.serving.websockets")
_quiet.setLevel(logging.CRITICAL + 1)  # what clients do wrong is counted, not printed with a stack


@dataclass(frozen=True, slots=True)
class Service:
    """What is served, and to whom: `metadata` greets clients, `token` lets them in where there is one."""

    make_session: SessionMaker
    reader: RequestReader
    metadata: Message
    limits: ServeLimits
    token: str | None
    journal: Journal


class PolicyServer:
    """Serves plans over openpi's websocket protocol; to be made and used within one event loop."""

    def __init__(self, service: Service) -> None:
        """Start the planning thread; nothing listens yet."""
        self._service = service
        self._limits = service.limits
        self._worker: Worker[tuple[Answer, float]] = Worker(service.limits.queue)
        self._door = Door(service.limits.connections, lambda: self._refuse("handshake"))
        self._stop = asyncio.Event()
        self._ids = itertools.count(1)
        self.metrics = Metrics(
            {
                "vplanner_queue_length": ("Requests that wait for their turn.", lambda: self._worker.waiting),
                "vplanner_planning": ("1 while a request is being planned.", lambda: self._worker.busy),
                "vplanner_clients": ("Clients that are connected.", lambda: self._door.clients),
            }
        )

    def stop(self) -> None:
        """Begin to end: no new clients and requests; what is being planned is answered."""
        self._stop.set()

    async def run(self, host: str, port: int, on_ready: Callable[[int], None]) -> bool:
        """Serve until `stop`; `on_ready` is told the port, which the system chooses for port 0.

        Returns whether the last plan came to its end within the deadline. Raises `InputError` when nothing can listen
        at the address.
        """
        try:
            server = await self._listen(host, port)
        except OSError as error:
            raise InputError(f"cannot listen at {host} port {port}: {error.strerror or error}") from error
        on_ready(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        self._service.journal.write("closing", planning=self._worker.busy, waiting=self._worker.waiting)
        server.close(close_connections=False)
        ended = await self._worker.close(self._limits.deadline_s)
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), self._limits.transfer_s + self._limits.handshake_s)
        self._service.journal.write("closed", requests=self.metrics.requests, answered=self.metrics.answered)
        return ended

    async def _listen(self, host: str, port: int) -> Server:
        return await serve(
            self._serve_client,
            host,
            port,
            origins=[None],  # browsers send an origin: no web page may talk to this server
            compression=None,
            process_request=self._greet,
            server_header=None,
            open_timeout=self._limits.handshake_s,
            ping_interval=self._limits.transfer_s,
            ping_timeout=self._limits.transfer_s,
            close_timeout=_CLOSE_S,
            max_size=self._limits.request_bytes,
            max_queue=1,
            logger=_quiet,
            create_connection=self._door.connection_type(),
        )

    def _greet(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer plain HTTP, turn away who may not in; None goes on with the handshake."""
        if request.path == "/healthz":
            return connection.respond(HTTPStatus.OK, "ok\n")
        if not is_authorised(request.headers.get_all("Authorization"), self._service.token):
            self._refuse("token")
            response = connection.respond(
                HTTPStatus.UNAUTHORIZED, "give the token as Authorization: Bearer or Api-Key\n"
            )
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        if request.path == "/metrics":
            return connection.respond(HTTPStatus.OK, self.metrics.text())
        if "Upgrade" in request.headers and not self._door.admit(connection):
            self._refuse("full")
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "busy: no more clients are served\n")
        return None

    def _refuse(self, reason: str) -> None:
        self.metrics.refused_connections[reason] += 1
        self._service.journal.write("refused", reason=reason)

    async def _serve_client(self, connection: ServerConnection) -> None:
        number = next(self._ids)
        self.metrics.connections += 1
        self._service.journal.write("connected", client=number, address=str(connection.remote_address))
        client = _Client(number, connection, self._service.make_session())
        code, reason = _GOING_AWAY, "the server shuts down"
        try:
            await self._send(client, pack(self._service.metadata))
            while not self._stop.is_set():
                message = await self._receive(client)
                if message is None:
                    break
                await self._answer(client, message)
        except _GiveUp as end:
            code, reason = _POLICY, str(end)
            self._refuse(end.kind)
        except ConnectionClosed as error:
            if error.sent is not None and not error.rcvd_then_sent and error.sent.code in _FAULTS:
                self._refuse(_FAULTS[error.sent.code])
        except ConnectionResetError:
            pass
        finally:
            await connection.close(code, reason)
            self._service.journal.write("disconnected", client=number, code=connection.close_code)

    async def _receive(self, client: _Client) -> str | bytes | None:
        """A whole message; None when the server stops first. Raises `TimeoutError` when the client is idle or slow."""
        receiving = asyncio.ensure_future(self._receive_whole(client))
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({receiving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return receiving.result() if receiving.done() else None
        finally:
            stopping.cancel()
            receiving.cancel()

    async def _receive_whole(self, client: _Client) -> str | bytes:
        parts: list[str | bytes] = []
        try:
            async with asyncio.timeout(self._limits.idle_s) as timeout:
                async for part in client.connection.recv_streaming():
                    if not parts:
                        timeout.reschedule(asyncio.get_running_loop().time() + self._limits.transfer_s)
                    parts.append(part)
        except TimeoutError as error:
            if parts:
                raise _GiveUp("slow", f"a request took more than {self._limits.transfer_s:g} s") from error
            raise _GiveUp("idle", f"no request for {self._limits.idle_s:g} s") from error
        if isinstance(parts[0], str):
            return "".join(part for part in parts if isinstance(part, str))
        return parts[0] if len(parts) == 1 else b"".join(part for part in parts if isinstance(part, bytes))

    async def _send(self, client: _Client, message: str | bytes) -> None:
        """Raise `_GiveUp` when the client does not read; it is cut off then, for it would not read a farewell."""
        try:
            async with asyncio.timeout(self._limits.transfer_s):
                await client.connection.send(message)
        except TimeoutError as error:
            client.connection.transport.abort()
            raise _GiveUp("slow", f"a reply was not read for {self._limits.transfer_s:g} s") from error

    async def _answer(self, client: _Client, message: str | bytes) -> None:
        """Answer one request, with an error where it must be; the connection stays open."""
        start = time.perf_counter()
        self.metrics.requests += 1
        try:
            answer, planning_s = await self._plan(client, message)
        except (ConnectionClosed, ConnectionResetError):
            raise
        except Exception as error:  # whatever goes wrong with one request must not end the others
            self._note_error(client, error, time.perf_counter() - start)
            await self._send(client, reply_text(error))
            return
        total_s = time.perf_counter() - start
        await self._send(client, pack(reply(answer, planning_s, total_s, client.last_total_s)))
        client.last_total_s = time.perf_counter() - start
        self.metrics.answered += 1
        self.metrics.planning.add(planning_s)
        self.metrics.latency.add(client.last_total_s)
        self._service.journal.write(
            "answered",
            client=client.number,
            status=answer.status,
            skill=answer.sub_goal.skill.value,
            progress=round(answer.progress, 4),
            planning_ms=round(1000.0 * planning_s, 3),
            total_ms=round(1000.0 * client.last_total_s, 3),
        )

    async def _plan(self, client: _Client, message: str | bytes) -> tuple[Answer, float]:
        if isinstance(message, str):
            raise RequestError("the message is text; requests are binary msgpack")
        request = self._service.reader.read(unpack(message))

        def work() -> tuple[Answer, float]:
            begin = time.perf_counter()
            answer = client.session.answer(request)
            return answer, time.perf_counter() - begin

        return await self._worker.run(work, self._limits.deadline_s, client.connection.wait_closed)

    def _note_error(self, client: _Client, error: Exception, seconds: float) -> None:
        kind = kind_of(error)
        self.metrics.errors[kind] += 1
        self.metrics.latency.add(seconds)
        story = "".join(traceback.format_exception(error))[-2000:] if kind == INTERNAL else str(error)
        self._service.journal.write("error", client=client.number, kind=kind, reason=story)


@dataclass(slots=True)
class _Client:
    """A connected client."""

    number: int
    connection: ServerConnection
    session: Session
    last_total_s: float | None = None


class _GiveUp(Exception):
    """A client keeps the server waiting."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
