"""The wire to Alpaca: alpaca-py's client, without its retries and with an end to every wait."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alpaca.common.exceptions import APIError
from alpaca.trading.client import TradingClient
from requests import RequestException

from tools.alpaca_session import Keys, bound
from tools.domain.errors import BrokerRejected, OutcomeUnknown
from tools.execution.brokers.alpaca_answers import Answer, read
from tools.ports import Clock

TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds: for one answer, and in all for a rate limit to pass."""

    answer: float = 10.0
    limit: float = 10.0
    tries: int = 3


class Line:
    """Calls to Alpaca's trading API. Each is made once; only a 429, which is "not sent", again."""

    def __init__(
        self,
        keys: Keys,
        url: str,
        clock: Clock,
        patience: Patience,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """``url`` is a checked one; ``jitter`` gives fractions of a second below one."""
        self._keys = keys
        self._clock = clock
        self._patience = patience
        self._sleep = sleep
        self._jitter = jitter
        client = TradingClient(keys.key_id, keys.secret, raw_data=True, url_override=url)
        bound(client, url, patience.answer)
        self._calls: dict[str, Callable[..., Any]] = {
            "GET": client.get,
            "POST": client.post,
            "PATCH": client.patch,
            "DELETE": client.delete,
        }

    def ask(self, path: str, **query: str) -> Any:
        """What the venue has at ``path``, None where it says there is nothing.

        Raises OutcomeUnknown without an answer that can be relied on.
        """
        answer = self.call("GET", path, query)
        if answer.nothing:
            return None
        if answer.status != 200 or answer.body is None:
            raise OutcomeUnknown(self._unclear("GET", path, answer))
        return answer.body

    def call(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Answer:
        """One request and its answer, whatever its status.

        Raises OutcomeUnknown when no whole answer came, and BrokerRejected when the rate limit
        kept an order from being sent at all (OutcomeUnknown for a question or a cancel).
        """
        waited = 0.0
        for left in reversed(range(self._patience.tries)):
            answer, headers = self._once(method, path, data)
            if answer.status != TOO_MANY:
                return answer
            pause = self._until_reset(headers)
            waited += pause
            if not left or waited > self._patience.limit:
                break
            self._sleep(pause)
        said = "Alpaca takes no more requests for now (its rate limit)"
        if method in ("GET", "DELETE"):
            raise OutcomeUnknown(f"{said}, so {method} {path} was not sent; try again in a minute")
        raise BrokerRejected(f"not sent: {said}; try again in a minute")

    def refusal(self, method: str, path: str, answer: Answer) -> BrokerRejected | OutcomeUnknown:
        """The error that an answer other than yes amounts to."""
        if answer.refused:
            return BrokerRejected(f"Alpaca refused: {self._keys.hidden(answer.reason)}")
        return OutcomeUnknown(self._unclear(method, path, answer))

    def _once(
        self, method: str, path: str, data: Mapping[str, Any] | None
    ) -> tuple[Answer, Mapping[str, str]]:
        try:
            return Answer(200, self._calls[method](path, dict(data) if data else None)), {}
        except APIError as error:
            status, response = error.status_code, error.response
            if status is None or response is None:
                raise OutcomeUnknown(f"Alpaca gave no clear answer to {method} {path}") from None
            return read(status, str(error)), response.headers
        except (RequestException, ValueError, RecursionError, OSError) as error:
            # The error itself holds the request with its keys: only its name is passed on.
            raise OutcomeUnknown(
                f"Alpaca's answer to {method} {path} did not arrive whole ({type(error).__name__})"
            ) from None

    def _until_reset(self, headers: Mapping[str, str]) -> float:
        try:
            due = float(headers.get("X-RateLimit-Reset", "")) - self._clock.wall().timestamp()
        except ValueError:
            due = 1.0
        if not math.isfinite(due):
            due = 60.0
        return min(max(due, 0.0), 60.0) + self._jitter()

    def _unclear(self, method: str, path: str, answer: Answer) -> str:
        said = f": {' '.join(answer.message.split())[:200]}" if answer.message else ""
        return self._keys.hidden(
            f"Alpaca answered {method} {path} with {answer.status}{said}, which proves nothing; "
            "what became of it is looked up before anything is sent again"
        )
