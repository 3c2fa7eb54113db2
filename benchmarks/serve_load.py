"""How many requests a policy server answers, and how fast: `serve_load.py ws://127.0.0.1:8000 CLIENTS REQUESTS`.

Every client is one robot in the same simulated scene, which trembles and does not obey; it sends its next request as
soon as it has the reply, and begins its instruction anew at every twentieth.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from websockets.sync.client import connect

from vplanner.serving.wire import Message, pack, unpack
from vplanner.sim_robot import SimRobot, make_env


def scene() -> Message:
    """One request, of a validation scene."""
    env = make_env("press_button")
    seen = SimRobot(env, 100_000).observe()
    message: Message = {
        "prompt": env.instruction,
        "observation/position": seen.robot.position,
        "observation/quat_wxyz": seen.robot.quat_wxyz,
        "observation/gripper_opening": seen.robot.gripper_opening,
        "observation/joint_positions": seen.robot.joint_positions,
    }
    return {**message, **{f"observation/image/{frame.name}": frame.image for frame in seen.frames}}


def client(url: str, message: Message, count: int) -> list[tuple[float, float]]:
    """When each reply came, and how long after its request [s]; replies that are no plans end the client."""
    times = []
    position = np.asarray(message["observation/position"])
    with connect(url, compression=None, max_size=None) as connection:
        connection.recv()
        for number in range(count):
            shifted = {"observation/position": position + [0.01 * (number % 2), 0.0, 0.0], "reset": number % 20 == 0}
            request = pack({**message, **shifted})
            begin = time.perf_counter()
            connection.send(request)
            data = connection.recv()
            if isinstance(data, str) or unpack(data)["done"]:
                raise SystemExit(f"no plan: {str(data)[:200]}")
            end = time.perf_counter()
            times.append((end, end - begin))
    return times


def main() -> None:
    """Measure, and print one JSON object."""
    url, clients, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    message = scene()
    with ThreadPoolExecutor(clients) as pool:
        start = time.perf_counter()
        parts = list(pool.map(lambda _: client(url, message, count), range(clients)))
    ends, waits = np.array([pair for part in parts for pair in part]).T
    p50, p99 = np.percentile(1000.0 * waits, [50, 99])
    seconds = float(ends.max()) - start
    result = {
        "clients": clients,
        "requests": len(waits),
        "requests_per_second": round(len(waits) / seconds, 3),
        "latency_ms": {"p50": round(float(p50), 1), "p99": round(float(p99), 1)},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
