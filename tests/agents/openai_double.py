"""A local server that speaks OpenAI's chat completions, one scripted reply a request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[dict[str, Any]], dict[str, Any]]


def says(text: str) -> dict[str, Any]:
    """An assistant message with text."""
    return {"role": "assistant", "content": text}


def calls(name: str, **arguments: Any) -> dict[str, Any]:
    """An assistant message that calls one tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": f"call_{name}", "type": "function", "function": function}],
    }


class OpenAIDouble:
    """``reply`` turns a request body into an assistant message; ``seen`` keeps the bodies."""

    def __init__(self, reply: Reply, *, status: int = 200, raw: str | None = None) -> None:
        self.seen: list[dict[str, Any]] = []
        self.status = status
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                double.seen.append(body)
                if double.status != 200:
                    answer: dict[str, Any] = {"error": {"message": "refused", "type": "x"}}
                else:
                    message = reply(body)
                    reason = "tool_calls" if message.get("tool_calls") else "stop"
                    answer = {
                        "id": "chatcmpl-1",
                        "object": "chat.completion",
                        "created": 1,
                        "model": body["model"],
                        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
                        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                    }
                sent = (json.dumps(answer) if raw is None else raw).encode()
                self.send_response(double.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *args: Any) -> None:
                """Keep the test's output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def role_of(body: dict[str, Any]) -> str:
    """Which of the four agents sent this request."""
    system = body["messages"][0]["content"]
    return next(r for r in ("data", "signal", "risk", "execution") if f"the {r} agent" in system)
