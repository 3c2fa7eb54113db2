"""A chat server that does as its script says: `chat_server.py FOLDER` prints its port and serves until it is ended.

`script.json`: `formats` that it knows (others get the status `unknown`), and `steps`, of which the last one repeats;
each has a `status`, a `content` or a `raw` body, `headers`, and seconds to `sleep`. Requests go to `requests.jsonl`.
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        script = json.loads((FOLDER / "script.json").read_text())
        log = FOLDER / "requests.jsonl"
        known = body.get("response_format", {"type": "text"})["type"] in script["formats"]
        done = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        with log.open("a") as stream:
            stream.write(json.dumps({"path": self.path, "headers": dict(self.headers), "body": body, "known": known}))
            stream.write("\n")
        if not known:
            self.answer({"status": script["unknown"], "raw": "response_format is not supported"})
            return
        index = sum(line["known"] for line in done)
        self.answer(script["steps"][min(index, len(script["steps"]) - 1)])

    def answer(self, step: dict[str, Any]) -> None:
        time.sleep(step.get("sleep", 0.0))
        if "raw" in step:
            data = (step["raw"] * step.get("times", 1)).replace("KEY", str(self.headers["Authorization"])).encode()
        else:
            said = {"role": "assistant", "content": step.get("content"), "refusal": step.get("refusal")}
            data = json.dumps({"id": "1", "choices": [{"index": 0, "message": said}]}).encode()
        if step.get("hang_up"):
            self.close_connection = True
            return
        self.send_response(step.get("status", 200))
        for name, value in step.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
