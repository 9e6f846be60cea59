"""Keeps other web pages out: Host and Origin are checked, and answers carry safe headers."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
HEADERS = {
    # NiceGUI's page needs inline script and eval; nothing may come from or go to another origin.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class Guard:
    """ASGI middleware: 421 for a foreign Host, 403 for a foreign Origin."""

    def __init__(self, app: ASGIApp, extra_hosts: frozenset[str] = LOCAL) -> None:
        """``extra_hosts`` are the names that the owner chose to be reached by."""
        self._app = app
        self._hosts = LOCAL | extra_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer at once."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        origin = headers.get("origin")
        if _name(f"//{host}") not in self._hosts:
            await self._refuse(scope, receive, send, 421, "this host name is not served here")
            return
        if origin is not None and _netloc(origin) != host.lower():
            await self._refuse(scope, receive, send, 403, "another site may not use this desk")
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    sent.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded)

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, status: int, sentence: str
    ) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": sentence})
            return
        body = {"error": "Refused", "message": sentence}
        await JSONResponse(body, status_code=status)(scope, receive, send)


def host_names(host: str, allowed: str) -> frozenset[str]:
    """This machine's own names, the address to listen on, and those named in the settings."""
    named = (name.strip().strip("[]").lower() for name in allowed.split(","))
    return LOCAL | {host.lower()} | {name for name in named if name}


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _name(netloc: str) -> str:
    try:
        return (urlsplit(netloc).hostname or "").lower()
    except ValueError:
        return ""
