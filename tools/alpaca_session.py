"""What everything that talks to Alpaca shares: its keys, its addresses, and an end to every wait.

The broker and the price feed both use it; neither may import the other.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, Queue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from alpaca.common.rest import RESTClient
from requests import Response, Session
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.exceptions import ReadTimeout

from tools.domain.errors import ConfigError

PAPER_URL = "https://paper-api.alpaca.markets"
LIVE_URL = "https://api.alpaca.markets"
DATA_URL = "https://data.alpaca.markets"
# A kill switch cancels many orders at once.
AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Keys:
    """The key id and its secret; neither is ever printed. Raises ConfigError for no keys."""

    key_id: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what can be no key, without repeating it."""
        for key in (self.key_id, self.secret):
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise ConfigError(
                    "Alpaca's keys are missing or misread: set APCA_API_KEY_ID and "
                    "APCA_API_SECRET_KEY to what Alpaca showed when it made them"
                )

    def hidden(self, text: str) -> str:
        """The text without the keys in it."""
        return text.replace(self.secret, "…").replace(self.key_id, "…")


def checked_url(url: str, *, live: bool) -> str:
    """The address if keys may be sent there: Alpaca's own by https or wss, or this machine's.

    Raises ConfigError for any other, and for the live one unless ``live``.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _loopback(host):
        return _bare(url)
    if (
        parts.scheme not in ("https", "wss")
        or not host.endswith(".alpaca.markets")
        or parts.username
    ):
        raise ConfigError(
            "Alpaca's address must be https://….alpaca.markets or one on this machine; "
            f"keys are sent nowhere else, so not to {host[:60] or 'that one'!r}"
        )
    if not live and host != urlsplit(PAPER_URL).hostname:
        raise ConfigError(
            f"{host} is not Alpaca's paper venue; live trading has to be asked for explicitly"
        )
    return _bare(url)


def _bare(url: str) -> str:
    """Without the version at its end, which alpaca-py adds itself."""
    return url.rstrip("/").removesuffix("/v2").rstrip("/")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def stream_url(data_url: str) -> str:
    """Where the prices of a checked address are streamed: stream.data… beside data…."""
    parts = urlsplit(data_url)
    return (
        f"ws://{parts.netloc}"
        if _loopback(parts.hostname or "")
        else f"wss://stream.{parts.netloc}"
    )


class BoundedSession(Session):
    """A requests session in which every call ends in time and numbers stay text."""

    def __init__(self, seconds: float) -> None:
        """``seconds`` from the call to the last byte of the answer."""
        super().__init__()
        self._seconds = seconds
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=AT_ONCE))

    def request(self, *args: Any, **options: Any) -> Response:
        """The answer, or ReadTimeout when it isn't whole in time.

        requests' own time-out is between two bytes, so a venue that drips would hold us for ever.
        """
        options["timeout"] = self._seconds
        ended: Queue[Response | BaseException] = Queue(1)

        def ask() -> None:
            try:
                ended.put(super(BoundedSession, self).request(*args, **options))
            except BaseException as error:  # noqa: BLE001 - it is raised in the asking thread
                ended.put(error)

        Thread(target=ask, name="alpaca-request", daemon=True).start()
        try:
            answer = ended.get(timeout=self._seconds)
        except Empty:
            raise ReadTimeout(f"no whole answer within {self._seconds} s") from None
        if isinstance(answer, BaseException):
            raise answer
        self.cookies = RequestsCookieJar()
        kept = partial(answer.json, parse_float=str, parse_constant=str)
        answer.json = kept  # type: ignore[method-assign]
        return answer


def bound(client: RESTClient, url: str, seconds: float) -> None:
    """Take alpaca-py's retries from ``client``, and give it an end to every wait.

    It would send one order up to four times, and has no time-out at all.
    """
    client._retry = 0
    client._session = BoundedSession(seconds)
    client._session.trust_env = not _loopback(urlsplit(url).hostname or "")
