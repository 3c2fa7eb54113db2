"""What good clients get, and what bad ones cannot take from them."""

from __future__ import annotations

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from vplanner.serving.wire import Message, pack

from .conftest import PATIENCE_S, HeldPrompter, Serve, answer_of, ask, changed, good, handshake, until

TOKEN = "0123456789abcdef"


def test_openpis_client_is_greeted_and_answered(serve: Serve, message: Message) -> None:
    policies = pytest.importorskip(
        "openpi_client.websocket_client_policy", reason="pip install --no-deps openpi-client"
    )
    server = serve(token=TOKEN)
    policy = policies.WebsocketClientPolicy("127.0.0.1", server.port, api_key=TOKEN)
    greeting = policy.get_server_metadata()
    assert (greeting["server"], greeting["action_horizon"], greeting["dt_s"]) == ("vplanner", 4, 0.2)
    assert set(greeting["keys"]["needed"]) <= set(message)
    for number in range(3):
        reply = policy.infer(message)
        assert reply["actions"].shape == (4, 7)
        assert reply["actions"].dtype == np.float32
        assert (reply["status"], reply["done"], reply["execute_steps"]) == ("moving", False, 2)
        assert ("prev_total_ms" in reply["server_timing"]) == (number > 0)
        assert reply["server_timing"]["total_ms"] >= reply["server_timing"]["infer_ms"] > 0.0
        assert not [key for key, value in reply.items() if isinstance(value, np.ndarray) and key != "actions"]
    assert policy.infer(message)["status"] == "out of time"
    assert policy.infer({**message, "reset": True})["status"] == "moving"
    with pytest.raises(RuntimeError, match="refused: nothing in view fits 'sing'"):
        policy.infer({**message, "prompt": "sing"})
    assert policy.infer(message)["status"] == "moving"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xc1", "request: the message of 1 bytes is no msgpack"),
        ("hello", "request: the message is text"),
        (pack({}), "request: missing: prompt"),
        ({"observation__image__front": np.full((128, 128, 3), np.nan, np.float32)}, "request: observation/image/front"),
        ({"observation__position": np.full(3, np.nan)}, "observation: observation/position is not finite"),
        ({"prompt": "sing"}, "refused: nothing in view fits 'sing'"),
    ],
)
def test_an_error_leaves_the_connection_open(serve: Serve, message: Message, data: Any, kind: str) -> None:
    server = serve()
    with server.open() as client:
        client.send(pack(changed(message, **data)) if isinstance(data, dict) else data)
        told = answer_of(client)
        assert isinstance(told, str)
        assert told.startswith(kind)
        assert good(ask(client, message))["status"] == "moving"
    assert server.figure(f'vplanner_errors_total{{kind="{kind.partition(":")[0]}"}}') == 1
    assert server.figure("vplanner_requests_total") == 2
    assert server.figure("vplanner_request_seconds_count") == 2
    assert server.figure("vplanner_planning_seconds_count") == 1


def test_an_error_that_nobody_foresaw_is_logged_and_not_told(serve: Serve, message: Message) -> None:
    class Broken:
        def plan(self, *_: object) -> None:
            raise ZeroDivisionError("a secret of the house")

    server = serve(prompter=Broken())
    with server.open() as client:
        told = ask(client, message)
        assert isinstance(told, str)
        assert told.startswith("internal: ")
        assert "secret" not in told
        assert ask(client, message) == told
    events = [json.loads(line) for line in server.log.getvalue().splitlines()]
    (first, _) = [event for event in events if event["event"] == "error"]
    assert "ZeroDivisionError: a secret of the house" in first["reason"]
    assert "in plan" in first["reason"]


def test_a_request_that_is_too_large_costs_the_connection_and_no_memory(serve: Serve, message: Message) -> None:
    server = serve(request_mb=0.3)
    with server.open() as other, server.open() as client:
        with pytest.raises(ConnectionClosed) as closed:
            ask(client, changed(message, observation__image__front=np.zeros((4000, 4000, 3), np.uint8)))
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009
        assert good(ask(other, message))["status"] == "moving"
    until(lambda: server.figure('vplanner_refused_connections_total{reason="size"}') == 1)


@pytest.mark.parametrize("path", ["/", "/metrics"])
def test_without_the_token_nobody_gets_in(serve: Serve, path: str) -> None:
    server = serve(token=TOKEN)
    wrong = ["", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer", "Bearer é"]
    for header in wrong:
        headers = {"Authorization": header} if header else {}
        status, _ = server.get(path, **{name: value.encode().decode("latin-1") for name, value in headers.items()})
        assert status == 401
    with pytest.raises(InvalidStatus) as refused, server.open():
        pass
    assert refused.value.response.status_code == 401
    for scheme in ("Bearer", "Api-Key", "api-key"):
        with server.open(additional_headers={"Authorization": f"{scheme} {TOKEN}"}) as client:
            assert client.response is not None
        assert server.get("/metrics", Authorization=f"{scheme} {TOKEN}")[0] == 200
    twice = [("Authorization", f"Bearer {TOKEN}")] * 2
    with pytest.raises(InvalidStatus), server.open(additional_headers=twice):
        pass
    assert server.get("/healthz") == (200, "ok\n")
    assert TOKEN not in server.log.getvalue()


def test_a_web_page_cannot_connect(serve: Serve) -> None:
    with pytest.raises(InvalidStatus) as refused, serve().open(origin="http://example.org"):
        pass
    assert refused.value.response.status_code == 403


def test_who_comes_when_the_queue_is_full_is_told_at_once(serve: Serve, prompter: Any, message: Message) -> None:
    held = HeldPrompter(prompter)
    server = serve(prompter=held, queue=1)
    with server.open() as first, server.open() as second, server.open() as third:
        first.send(pack(message))
        until(lambda: server.figure("vplanner_planning") == 1)
        second.send(pack(message))
        until(lambda: server.figure("vplanner_queue_length") == 1)
        told = ask(third, message)
        assert isinstance(told, str)
        assert told.startswith("busy: ")
        assert str(ask(third, {})).startswith("request: missing"), "what is wrong is said even now"
        held.go.set()
        for client in (first, second, third):
            if client is third:
                client.send(pack(message))
            assert good(answer_of(client))["status"] == "moving"


def test_who_leaves_the_queue_is_not_planned_for(serve: Serve, prompter: Any, message: Message) -> None:
    held = HeldPrompter(prompter)
    server = serve(prompter=held, queue=2)
    with server.open() as first, server.open() as second:
        first.send(pack(message))
        until(lambda: server.figure("vplanner_planning") == 1)
        second.send(pack(message))
        until(lambda: server.figure("vplanner_queue_length") == 1)
        second.close()
        until(lambda: server.figure("vplanner_queue_length") == 0)
        held.go.set()
        assert good(answer_of(first))["status"] == "moving"


def test_an_answer_that_does_not_come_in_time_is_an_error(serve: Serve, prompter: Any, message: Message) -> None:
    held = HeldPrompter(prompter)
    server = serve(prompter=held, deadline_s=0.2)
    with server.open() as client, server.open() as other:
        assert ask(client, message) == "deadline: no answer within 0.2 s; it was being planned"
        assert ask(other, message) == "deadline: no answer within 0.2 s; it still waited for its turn"
        held.go.set()
        until(lambda: server.figure("vplanner_planning") == 0)
        assert server.get("/healthz")[0] == 200


def test_no_more_clients_than_allowed(serve: Serve, message: Message) -> None:
    server = serve(connections=2)
    with server.open() as one:
        with server.open():
            with pytest.raises(InvalidStatus) as refused, server.open():
                pass
            assert refused.value.response.status_code == 503
            assert server.get("/healthz")[0] == 200
        until(lambda: server.figure("vplanner_clients") == 1)
        with server.open():
            assert good(ask(one, message))["status"] == "moving"


def test_an_idle_client_is_closed(serve: Serve) -> None:
    with serve(idle_s=0.1).open() as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(PATIENCE_S)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1008, "no request for 0.1 s")


def test_a_request_that_never_ends_is_cut_off(serve: Serve, message: Message) -> None:
    server = serve(transfer_s=3.0)  # also the time for a ping of the other client
    stop = threading.Event()

    def drip() -> Any:
        while not stop.wait(0.02):
            yield b"x"

    with server.open() as slow, server.open() as other, ThreadPoolExecutor(1) as pool:
        dripping = pool.submit(lambda: slow.send(drip()))
        assert good(ask(other, message))["status"] == "moving"
        until(lambda: server.figure('vplanner_refused_connections_total{reason="slow"}') >= 1)
        stop.set()
        with pytest.raises(ConnectionClosed):
            dripping.result(PATIENCE_S)
            slow.recv(PATIENCE_S)


def test_a_client_that_does_not_read_is_cut_off(serve: Serve, message: Message) -> None:
    """It asks and asks, and its replies fill what the system keeps for it."""
    server = serve(transfer_s=3.0)  # also the time for a ping of the other client
    with server.open() as other, socket.create_connection(("127.0.0.1", server.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(handshake())
        bad = b"\x82\x81" + bytes(4) + b"\xc1"  # one masked binary frame that is no msgpack
        deaf.settimeout(0.2)
        while server.figure('vplanner_refused_connections_total{reason="slow"}') == 0:
            try:
                deaf.sendall(bad * 5000)
            except TimeoutError:
                pass
            except OSError:
                break
        until(lambda: server.figure("vplanner_clients") == 1)
        assert good(ask(other, message))["status"] == "moving"


def test_who_is_being_planned_for_is_answered_when_the_server_ends(
    serve: Serve, prompter: Any, message: Message
) -> None:
    held = HeldPrompter(prompter)
    server = serve(prompter=held)
    with server.open() as first, server.open() as second, server.open() as third:
        first.send(pack(message))
        until(lambda: server.figure("vplanner_planning") == 1)
        second.send(pack(message))
        until(lambda: server.figure("vplanner_queue_length") == 1)
        server.stop()
        assert answer_of(second) == "closing: the server shuts down"
        with pytest.raises(ConnectionClosed) as closed:
            third.recv(PATIENCE_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1001
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port))
        held.go.set()
        assert good(answer_of(first))["status"] == "moving"
        assert server.ended.result(PATIENCE_S)
