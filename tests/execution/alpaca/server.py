"""The double of Alpaca's trading API on this machine: HTTP, trade updates, and faults."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.execution.alpaca.document import wrong_answer, wrong_request
from tests.execution.alpaca.market import ENDED, Market, Refused

KEY, SECRET = "PKTESTKEY0000000", "sEcReT-of-the-tests-0000"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Server(ThreadingHTTPServer):
    """``faults`` are (method, a pattern of the path, Fault), each used once, the first that fits.

    ``wrong`` collects what was sent or answered against the document, ``calls`` every request.
    """

    handler = None
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, **kinds):
        super().__init__(("127.0.0.1", 0), self.handler or Handler)
        self.market = Market(**kinds)
        self.lock = threading.RLock()
        self.faults, self.calls, self.wrong = [], [], []
        self.release = threading.Event()
        self.later = []
        self.lines = []
        self.silent = False
        self.listen = True
        self.refused_to_listen = 0
        self.meanwhile = lambda method, path: None  # called before a request is carried out
        self.is_open = True
        self.holidays = set()
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self, method, path, fault, times=1):
        self.faults += [(method, path, fault)] * times

    def take(self, method, path):
        for one in self.faults:
            if one[0] == method and re.fullmatch(one[1], path):
                self.faults.remove(one)
                return one[2]
        return None

    def asked(self, method, path=".*"):
        return [call for call in self.calls if call[0] == method and re.fullmatch(path, call[1])]

    def once(self, method, act):
        """Something that happens just before the next request of a kind is carried out."""

        def meanwhile(asked, _):
            if asked == method:
                self.meanwhile = lambda method, path: None
                act()

        self.meanwhile = meanwhile

    def advance(self):
        """Virtual seconds pass: what was under way arrives now."""
        later, self.later = self.later, []
        for arrive in later:
            arrive()

    def tell(self, message):
        """A message to everybody on the socket, as text of one's own or as JSON."""
        for line in list(self.lines):
            line.say(message)

    def cut(self):
        """The socket is closed without a word."""
        for line in list(self.lines):
            line.hang_up()

    def close(self):
        self.release.set()
        self.cut()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """A client that went away is not worth a traceback."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Nothing."""

    def do_GET(self):
        if self.path == "/stream":
            Line(self).run()
        else:
            self.serve()

    def do_POST(self):
        self.serve()

    def do_PATCH(self):
        self.serve()

    def do_DELETE(self):
        self.serve()

    def serve(self):
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        server = self.server
        with server.lock:
            server.calls.append((self.command, parts.path, body or query))
            server.wrong += wrong_request(self.command, parts.path, query, body)
            fault = server.take(self.command, parts.path)
            status, answer = 200, None
            if fault is None or fault.applied:
                status, answer = self.carried_out(self.command, parts.path, query, body)
            elif fault.late:
                asked = (self.command, parts.path, query, body)
                server.later.append(lambda: self.carried_out(*asked))
        if fault is not None:
            fault.answer(self, status, answer)
            return
        with server.lock:
            server.wrong += wrong_answer(self.command, parts.path, status, answer)
        self.reply(status, b"" if answer is None else json.dumps(answer).encode())

    def carried_out(self, command, path, query, body):
        if self.headers.get("APCA-API-SECRET-KEY") != SECRET:
            return 403, {"message": "forbidden."}
        self.server.meanwhile(command, path)
        try:
            return routed(self.server, command, path.removeprefix("/v2"), query, body)
        except Refused as refusal:
            return refusal.status, refusal.body

    def reply(self, status, body, kind="application/json", headers=None, length=None):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def place(server, _, query, body):
    return 200, server.market.nested(server.market.place(body))


def cancel_all(server, _, query, body):
    return 207, server.market.cancel_all()


def orders(server, _, query, body):
    return 200, listed(server.market, query)


def by_client_id(server, _, query, body):
    return one(server.market, server.market.by_client(query["client_order_id"]), legs=False)


def by_id(server, key, query, body):
    return one(server.market, server.market.find(key), legs=query.get("nested") == "true")


def change(server, key, query, body):
    return 200, server.market.nested(server.market.replace(key, body))


def cancel(server, key, query, body):
    server.market.cancel(key)
    return 204, None


def asset(server, key, query, body):
    found = server.market.assets.get(unquote(key))
    missing = {"code": 40410000, "message": f"asset not found for {key}"}
    return (404, missing) if found is None else (200, found)


def market_clock(server, _, query, body):
    return 200, {
        "timestamp": server.market.now(),
        "is_open": server.is_open,
        "next_open": "2026-01-06T09:30:00-05:00",
        "next_close": f"2026-01-0{5 if server.is_open else 6}T16:00:00-05:00",
    }


def calendar(server, _, query, body):
    """One day, as the desk asks for it."""
    day = query["start"]
    if date.fromisoformat(day).weekday() > 4 or day in server.holidays:
        return 200, []
    hours = {"open": "09:30", "close": "16:00", "session_open": "0400", "session_close": "2000"}
    return 200, [{"date": day, "settlement_date": day} | hours]


ROUTES = [
    ("POST", "/orders()", place),
    ("DELETE", "/orders()", cancel_all),
    ("GET", "/orders()", orders),
    ("GET", "/orders:by_client_order_id()", by_client_id),
    ("GET", "/orders/([^/]+)", by_id),
    ("PATCH", "/orders/([^/]+)", change),
    ("DELETE", "/orders/([^/]+)", cancel),
    ("GET", "/account()", lambda server, *_: (200, server.market.account())),
    ("GET", "/positions()", lambda server, *_: (200, server.market.holdings())),
    (
        "GET",
        "/account/activities/FILL()",
        lambda server, _, query, body: (
            200,
            paged(server.market.trades, query, "transaction_time"),
        ),
    ),
    (
        "GET",
        "/account/activities()",
        lambda server, _, query, body: (200, paged(server.market.others, query, "date")),
    ),
    ("GET", "/assets/(.+)", asset),
    ("GET", "/clock()", market_clock),
    ("GET", "/calendar()", calendar),
]


def routed(server, method, path, query, body):
    """The status and the answer of a request that nothing goes wrong with."""
    for verb, shape, answer in ROUTES:
        match = re.fullmatch(shape, path)
        if verb == method and match:
            return answer(server, match[1], query, body)
    return 404, {"code": 40410000, "message": "endpoint not found"}


def one(market, resting, *, legs):
    if resting is None:
        return 404, {"code": 40410000, "message": "order not found"}
    return 200, market.nested(resting) if legs else dict(resting.told)


def listed(market, query):
    """Orders; an exit stands under its parent while that is in the list, else alone."""
    open_only = query.get("status", "open") == "open"
    symbols = query.get("symbols", "").split(",") if query.get("symbols") else None
    found = [
        order
        for order in market.orders
        if (not open_only or order["status"] not in ENDED)
        and (symbols is None or order["symbol"] in symbols)
    ]
    nested = query.get("nested") == "true"
    if nested:
        found = [order for order in found if order.parent is None or order.parent not in found]
    if query.get("direction", "desc") == "desc":
        found.reverse()
    if "after_order_id" in query:
        keys = [order["id"] for order in found]
        found = found[keys.index(query["after_order_id"]) + 1 :]
    found = found[: int(query.get("limit", 50))]
    return [market.nested(order) if nested else dict(order.told) for order in found]


def paged(rows, query, moment):
    rows = sorted(rows, key=lambda row: row["id"])
    if "after" in query:
        rows = [row for row in rows if row[moment] > query["after"]]
    if query.get("direction", "desc") == "desc":
        rows.reverse()
    if "page_token" in query:
        forward = query.get("direction") == "asc"
        token = query["page_token"]
        rows = [row for row in rows if (row["id"] > token if forward else row["id"] < token)]
    return rows[: int(query.get("page_size", 100))]


class Line:
    """One client on the socket: binary frames, as the paper venue sends them."""

    def __init__(self, handler):
        self.handler, self.server = handler, handler.server
        self.sending = threading.Lock()

    def run(self):
        handler = self.handler
        key = handler.headers["Sec-WebSocket-Key"].encode()
        handler.send_response(101)
        handler.send_header("Upgrade", "websocket")
        handler.send_header("Connection", "Upgrade")
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        handler.send_header("Sec-WebSocket-Accept", accept)
        handler.end_headers()
        handler.close_connection = True
        try:
            while self.met(*self.frame()):
                pass
        except (OSError, struct.error):
            pass
        finally:
            self.leave()

    def frame(self):
        first, second = struct.unpack("!BB", self.handler.rfile.read(2))
        size = second & 127
        if size == 126:
            (size,) = struct.unpack("!H", self.handler.rfile.read(2))
        mask = self.handler.rfile.read(4)
        data = self.handler.rfile.read(size)
        return first & 15, bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))

    def met(self, code, data):
        if code == 8:
            self.send(8, data)
            return False
        if code == 9:
            if not self.server.silent:
                self.send(10, data)
            return True
        if code == 10:
            return True
        asked = json.loads(data)
        if asked["action"] == "authenticate":
            good = asked["data"] == {"key_id": KEY, "secret_key": SECRET}
            status = "authorized" if good else "unauthorized"
            answer = {"status": status, "action": "authenticate"}
            self.say({"stream": "authorization", "data": answer})
        elif not self.server.listen:
            self.server.refused_to_listen += 1
        elif asked["action"] == "listen":
            self.server.lines.append(self)
            self.server.market.heard.append(self.say)
            self.say({"stream": "listening", "data": asked["data"]})
        return True

    def say(self, message):
        whole = message if isinstance(message, bytes) else json.dumps(message).encode()
        if not self.server.silent:
            self.send(2, whole)

    def send(self, code, data):
        size = len(data)
        head = (
            bytes([128 | code, size]) if size < 126 else struct.pack("!BBH", 128 | code, 126, size)
        )
        with self.sending:
            try:
                self.handler.connection.sendall(head + data)
            except OSError:
                self.leave()

    def leave(self):
        if self in self.server.lines:
            self.server.lines.remove(self)
            self.server.market.heard.remove(self.say)

    def hang_up(self):
        self.handler.hang_up()
