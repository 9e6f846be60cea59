"""The connections under ccxt: an end to each answer, exact numbers, and faults as ours."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import requests
import urllib3

from tools.market_data.feeds.body import silent, whole
from tools.market_data.feeds.resilience.failure import Unanswered, told_wait
from tools.market_data.feeds.rest import judged


def blocked(name: str, status: int | str) -> Unanswered:
    """The error of an exchange that doesn't answer everybody."""
    return Unanswered(
        f"{name} refuses whoever asks from here ({status}), as exchanges do with some countries "
        "and data centres; choose another with TOLLGATE_EXCHANGE.",
        again=False,
    )


def members_only(name: str) -> Unanswered:
    """The error of an exchange that wants a key where none is used."""
    return Unanswered(
        f"{name} wants a key for that, and is asked without one here; choose another with "
        "TOLLGATE_EXCHANGE.",
        again=False,
    )


def exact(name: str, text: str) -> Any:
    """JSON whose fractions stay text, for ccxt to take as they are."""
    try:
        return json.loads(text, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unanswered(f"{name}'s answer broke off or can't be read.") from None


def _no_number(word: str) -> str:
    raise ValueError(word)


class Watched(requests.Session):
    """ccxt's connections, with an end to each answer and its faults as ours.

    ccxt itself would take an answer that isn't JSON for an empty one, and tells a ban, a block and
    a maintenance page apart by nothing but words.
    """

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__()
        self._name, self._seconds = name, seconds
        self.trust_env = False  # as ccxt has it

    def request(self, method: str, url: str, **named: Any) -> requests.Response:  # type: ignore[override]
        """The answer, read whole."""
        named |= {"stream": True, "allow_redirects": False, "timeout": self._seconds}
        try:
            answer = super().request(method, url, **named)
            data = self._whole(answer)
        except (requests.Timeout, urllib3.exceptions.ReadTimeoutError):
            raise silent(self._name, self._seconds) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unanswered(
                f"{self._name} could not be reached ({type(error).__name__})."
            ) from None
        self._judge(answer, data)
        answer.raw = BytesIO(data)
        return answer

    def _judge(self, answer: requests.Response, data: bytes) -> None:
        """Raises for what is none of ccxt's business: only the exchange's own JSON is."""
        name, status = self._name, answer.status_code
        if status == 451 or (status == 403 and data.lstrip()[:1] != b"{"):
            raise blocked(name, status)
        if status == 401:
            raise members_only(name)
        if status == 418:
            raise Unanswered(
                f"{name} has shut this address out for asking too much (418).",
                retry_after_s=told_wait(answer.headers),
                limited=True,
            )
        if not 400 <= status < 500 or status == 429 or data.lstrip()[:1] == b"<":
            judged(name, "", status, answer.headers, data, lambda body: "")
        if data.lstrip()[:1] not in (b"{", b"["):
            raise Unanswered(f"{name}'s answer broke off or can't be read.")

    def _whole(self, answer: requests.Response) -> bytes:
        try:
            parts = iter(lambda: answer.raw.read1(2**16, decode_content=True), b"")
            found = whole(self._name, parts, self._seconds)
        except BaseException:
            answer.close()  # what is left of it would be taken for the next answer
            raise
        answer.raw.release_conn()
        return found
