"""Questions over HTTP to a source that answers in JSON: an answer, nothing, or Unanswered."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tools.domain.errors import DataUnavailable
from tools.market_data.feeds.body import silent, whole
from tools.market_data.feeds.resilience.failure import Unanswered, told_wait

if TYPE_CHECKING:
    import httpx

PAGE_INSTEAD = (
    "sent a web page instead of data: it may be down for maintenance, or a proxy or a sign-in page "
    "answers in its place"
)


class Rest:
    """One GET a question, without retries, redirects or cookies kept; numbers come as Decimal.

    ``key`` is sent as it is given in ``headers`` or ``query``; neither it nor an address is ever in
    an error. ``refused`` reads the source's own words out of an error's body.
    """

    def __init__(
        self,
        name: str,
        base: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        setting: str = "",
        seconds: float = 8.0,
        refused: Callable[[Any], str] = lambda body: "",
    ) -> None:
        """``seconds`` is for a whole answer; ``setting`` is where a person sets the key."""
        self._name, self._base, self._setting = name, base.rstrip("/"), setting
        self._headers, self._query = dict(headers or {}), dict(query or {})
        self._seconds, self._refused = seconds, refused
        self._client: httpx.Client | None = None
        if self._query:
            # httpx tells its log of every address, and these have the key in them.
            logging.getLogger("httpx").setLevel(logging.WARNING)

    def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The JSON at ``path``; None for 404. Raises Unanswered with a sentence, or Refusal.

        ``headers`` are this question's own. A path may hold its query, to be sent as it was signed.
        """
        import httpx

        if self._client is None:
            self._client = httpx.Client(timeout=self._seconds, headers=self._headers)
        asked = self._query | dict(query or {})
        try:
            with self._client.stream(
                "GET", self._base + path, params=asked or None, headers=headers
            ) as answer:
                status, told = answer.status_code, answer.headers
                body = whole(self._name, answer.iter_bytes(), self._seconds)
        except httpx.TimeoutException:
            raise silent(self._name, self._seconds) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise Unanswered(
                f"{self._name} could not be reached ({type(error).__name__})."
            ) from None
        there = judged(self._name, self._setting, status, told, body, self._refused)
        return read_json(self._name, body) if there else None


def judged(
    name: str,
    setting: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    refused: Callable[[Any], str],
) -> bool:
    """Whether there is an answer in ``body``: False for 404, an error for all that is none."""
    if status == 429:
        raise Unanswered(
            f"{name} takes no more questions for now (its rate limit).",
            retry_after_s=told_wait(headers),
            limited=True,
        )
    if status == 404:
        return False
    if status == 401:
        where = f"; set {setting}" if setting else ""
        raise Unanswered(f"{name} doesn't accept the key{where}.", again=False)
    if status >= 500 or 300 <= status < 400:
        wait = told_wait(headers)
        raise Unanswered(f"{name} is out of order ({status}).", retry_after_s=wait)
    if body.lstrip()[:1] == b"<":
        raise Unanswered(f"{name} {PAGE_INSTEAD}.")
    if status >= 400:
        raise Refusal(name, refused(read_json(name, body)))
    return True


def read_json(name: str, body: bytes) -> Any:
    """The JSON of a body, its fractions as Decimal; Unanswered where it can't be read."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unanswered(f"{name}'s answer broke off or can't be read.") from None


@contextmanager
def documented(name: str) -> Iterator[None]:
    """Around what reads an answer: Unanswered where it has another shape than the documented."""
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        raise Unanswered(f"{name}'s answer can't be read: it is not as documented.") from None


class Refusal(DataUnavailable):
    """An answer that says no to this question: ``words`` are the source's own, shortened."""

    def __init__(self, name: str, words: str) -> None:
        self.words = " ".join(words.split())[:200].rstrip(".")
        said = f": {self.words}" if self.words else ""
        super().__init__(f"{name} refuses the question{said}.")


def _no_number(word: str) -> Decimal:
    raise ValueError(word)
