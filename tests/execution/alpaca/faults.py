"""The ways an answer goes wrong on its way, each with whether the request was carried out.

A fault is a function of the handler, the status and the body that a good answer would have had.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """``applied`` says that the venue did what was asked before its answer went wrong.

    Of a ``late`` one it does so only when the test lets time pass.
    """

    name: str
    applied: bool
    answer: Any
    late: bool = False


def status(code, body=None, headers=()):
    """An answer with another status; without a body of Alpaca's, one of some proxy's."""
    html = b"<html><body>Bad gateway</body></html>"

    def answer(handler, *_):
        if body is None:
            handler.reply(code, html, "text/html", dict(headers))
        else:
            handler.reply(code, json.dumps(body).encode(), headers=dict(headers))

    return answer


def _drop(handler, *_):
    handler.hang_up()


def _late(handler, *_):
    """No byte until the client has gone."""
    handler.server.release.wait(2)
    handler.hang_up()


def _drip(handler, *_):
    """A header every now and then: each byte is in time, the answer never comes."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for n in range(40):
        if handler.server.release.wait(0.05):
            break
        try:
            handler.wfile.write(f"X-Slow-{n}: 1\r\n".encode())
            handler.wfile.flush()
        except OSError:
            break
    handler.hang_up()


def _truncated(handler, code, body):
    whole = json.dumps(body).encode()
    handler.reply(code, whole[: len(whole) // 2], length=len(whole))
    handler.hang_up()


def _half(handler, code, body):
    whole = json.dumps(body).encode()
    handler.reply(code, whole[: len(whole) // 2])


def _with(text):
    """The answer with every number of a fill or of an amount replaced by ``text``."""

    def answer(handler, code, body):
        broken = json.dumps(body)
        for name in ("filled_qty", "qty", "cash"):
            broken = broken.replace(f'"{name}": "', f'"{name}": {text}, "was_{name}": "')
        handler.reply(code, broken.encode())

    return answer


def _changed(**names):
    def answer(handler, code, body):
        if isinstance(body, list):
            body = [one | names for one in body]
        handler.reply(code, json.dumps(body | names if isinstance(body, dict) else body).encode())

    return answer


def _missing(handler, code, body):
    kept = {name: value for name, value in body.items() if name != "status"}
    handler.reply(code, json.dumps(kept).encode())


def _word(text, kind="application/json"):
    def answer(handler, code, _):
        handler.reply(code, text, kind)

    return answer


TIMED_OUT = {"code": 40010000, "message": "request timed out"}

# Nothing was carried out, and the answer proves it.
REFUSING = {
    "refused_400": Fault("refused_400", False, status(400, {"code": 40010001, "message": "odd"})),
    "refused_403": Fault(
        "refused_403", False, status(403, {"code": 40310000, "message": "insufficient qty"})
    ),
    "refused_422": Fault("refused_422", False, status(422, {"code": 42210000, "message": "no"})),
    "bad_keys": Fault("bad_keys", False, status(403, {"message": "forbidden."})),
}

# The answer proves nothing: whether the request was carried out can't be told from it.
UNCLEAR = {
    name: (kind, applied)
    for name, kind, applied in [
        ("500", status(500), False),
        ("500_done", status(500), True),
        ("500_own_words", status(500, {"code": 50010000, "message": "internal"}), True),
        ("502", status(502), False),
        ("502_done", status(502), True),
        ("503", status(503), False),
        ("503_done", status(503), True),
        ("504", status(504), False),
        ("504_done", status(504), True),
        ("400_timed_out_done", status(400, TIMED_OUT), True),
        ("403_of_a_proxy", status(403), False),
        ("422_without_json", status(422), False),
        ("418", status(418, {"code": 1, "message": "teapot"}), False),
        ("redirect", status(302, headers=[("Location", "http://127.0.0.1:1/")]), False),
        ("dropped_before", _drop, False),
        ("dropped_after_done", _drop, True),
        ("late_done", _late, True),
        ("slow_headers_done", _drip, True),
        ("truncated_done", _truncated, True),
        ("half_json_done", _half, True),
        ("html_done", status(200), True),
        ("empty_done", _word(b""), True),
        ("null_done", _word(b"null"), True),
        ("list_done", _word(b"[]"), True),
        ("not_utf8_done", _word(b"\xff\xfe{"), True),
        ("deep_json_done", _word(b"[" * 100_000), True),
        ("nan_done", _with("NaN"), True),
        ("infinite_done", _with("-Infinity"), True),
        ("huge_done", _with("1e999"), True),
        ("many_digits_done", _with("9" * 5000), True),
        ("tiny_done", _with('"1e-999999"'), True),
        ("missing_field_done", _missing, True),
        ("another_order_done", _changed(client_order_id="someone-elses"), True),
    ]
}


def unclear(name):
    """The fault of that name."""
    kind, applied = UNCLEAR[name]
    return Fault(name, applied, kind)


LATE = Fault("late", False, status(504), late=True)


def limited(reset):
    """A rate limit that ends at an epoch second."""
    body = {"code": 42910000, "message": "too many requests"}
    return Fault("429", False, status(429, body, [("X-RateLimit-Reset", str(reset))]))


WRONG_TYPE = Fault(
    "wrong_content_type",
    True,
    lambda handler, code, body: handler.reply(code, json.dumps(body).encode(), "text/html"),
)


def changed(**names):
    """An answer with other values, such as a status that nobody knows."""
    return Fault("changed", True, _changed(**names))


def wait_until(ready, seconds=15.0):
    """Whether something came true; looks every few milliseconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return True
        time.sleep(0.005)
    return bool(ready())
