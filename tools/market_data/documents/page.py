"""Pages and files over HTTP: small enough, in time, and led astray to no private address."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.market_data.feeds.body import silent, whole
from tools.market_data.feeds.resilience.failure import Unanswered, told_wait

if TYPE_CHECKING:
    import httpx

REDIRECTS = frozenset((301, 302, 303, 307, 308))
HOPS = 5


@dataclass(frozen=True, slots=True)
class Page:
    """A body with what was said of it; ``url`` is where it was in the end."""

    url: str
    body: bytes
    content_type: str
    etag: str
    modified: str


class Missing(Unanswered):
    """There is no such page (404, 410)."""


class TooLarge(Unanswered):
    """More bytes than are read of it."""


class Pages:
    """One GET a question, without retries or cookies; no address is ever in an error.

    A redirect is followed where ``follows`` says so: to the same host and port, or to an address
    that all of the internet can reach; never from the outside into a person's own network.
    """

    def __init__(
        self,
        name: str,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = 15.0,
        most: int = 8 * 2**20,
        follows: bool = False,
        forbidden: str = "doesn't let us read it (403): it may want a subscription",
    ) -> None:
        """``seconds`` is for a whole answer, ``most`` bytes of it; ``forbidden`` is said of 403."""
        self._name, self._headers, self._seconds = name, dict(headers or {}), seconds
        self._most, self._follows, self._forbidden = most, follows, forbidden
        self._client: httpx.Client | None = None
        # httpx tells its log of every address, and a person's own may have a key in it.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    def get(self, address: str, etag: str = "", modified: str = "") -> Page | None:
        """The page; None if it is as it was when it had this ETag or Last-Modified.

        Raises Missing, TooLarge, and Unanswered for all else that is no page.
        """
        import httpx

        try:
            first = url = httpx.URL(address)
            for _ in range(HOPS):
                onward = self._once(url, first, etag, modified)
                if not isinstance(onward, httpx.URL):
                    return onward
                url = onward
        except httpx.TimeoutException:
            raise silent(self._name, self._seconds) from None
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            httpx.StreamError,
            OSError,
            UnicodeError,  # of a host's name that is longer than names are
        ) as error:
            raise Unanswered(
                f"{self._name} could not be reached ({type(error).__name__})."
            ) from None
        raise Unanswered(f"{self._name} sends us in a circle.", again=False)

    def _once(
        self, url: httpx.URL, first: httpx.URL, etag: str, modified: str
    ) -> Page | httpx.URL | None:
        """The answer of one address: a page, None for "as it was", or where it sends us."""
        import httpx

        if self._client is None:
            self._client = httpx.Client(timeout=self._seconds, headers=self._headers)
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        asked: dict[str, Any] = {"headers": {name: said for name, said in headers.items() if said}}
        target = url
        if (url.host, url.port) != (first.host, first.port):
            target = self._pinned(url, asked)
        with self._client.stream("GET", target, **asked) as answer:
            if answer.status_code == 304 and asked["headers"]:
                return None
            if answer.status_code in REDIRECTS and self._follows:
                return self._onward(url, answer.headers.get("location", ""))
            too_large = TooLarge(
                f"{self._name} sends more than the {self._most // 2**20} MB that are read.",
                again=False,
            )
            body = whole(self._name, answer.iter_bytes(), self._seconds, self._most, too_large)
            self._judge(answer, body)
            told = answer.headers
        return Page(
            str(url),
            body,
            told.get("content-type", ""),
            told.get("etag", ""),
            told.get("last-modified", ""),
        )

    def _onward(self, url: httpx.URL, location: str) -> httpx.URL:
        onward = url.join(location)
        if onward.scheme not in ("http", "https") or not onward.host or onward.userinfo:
            raise Unanswered(f"{self._name} sends us to what is no page of the web.", again=False)
        if url.scheme == "https" and onward.scheme == "http":
            raise Unanswered(f"{self._name} sends us from https to http.", again=False)
        return onward

    def _pinned(self, url: httpx.URL, asked: dict[str, Any]) -> httpx.URL:
        """The same address by number, so that nobody can answer otherwise between look and call."""
        numbers = addresses_of(url.host, url.port or (443 if url.scheme == "https" else 80))
        if not numbers or not all(ipaddress.ip_address(one).is_global for one in numbers):
            raise Unanswered(
                f"{self._name} sends us to an address inside a private network: if you trust it, "
                "name that address yourself.",
                again=False,
            )
        asked["headers"]["Host"] = url.netloc.decode("ascii")
        asked["extensions"] = {"sni_hostname": url.host}
        return url.copy_with(host=numbers[0])

    def _judge(self, answer: httpx.Response, body: bytes) -> None:
        status, wait = answer.status_code, told_wait(answer.headers)
        if status == 429 or (status == 403 and b"Rate Threshold" in body):
            raise Unanswered(
                f"{self._name} takes no more questions for now (its rate limit).",
                retry_after_s=wait,
                limited=True,
            )
        if status in (404, 410):
            raise Missing(f"{self._name} has no such page ({status}).", again=False)
        if status == 403:
            raise Unanswered(f"{self._name} {self._forbidden}.", again=False)
        if 400 <= status < 500:
            raise Unanswered(f"{self._name} refuses the question ({status}).", again=False)
        if status != 200:
            said = f"{self._name} is out of order ({status})."
            raise Unanswered(said, retry_after_s=wait)


def addresses_of(host: str, port: int) -> tuple[str, ...]:
    """The numbers that a host's name stands for; OSError where there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]).partition("%")[0] for one in found))
