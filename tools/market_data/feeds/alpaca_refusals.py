"""What Alpaca's streams refuse, as sentences, and how many symbols they take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from websockets.legacy.exceptions import InvalidStatusCode

from tools.market_data.feeds.resilience.failure import Unanswered, told_wait

KEYS = "Alpaca's stream doesn't accept the keys; set APCA_API_KEY_ID and APCA_API_SECRET_KEY."
# Alpaca's words, for what it says while it lets somebody in, where alpaca-py keeps only these.
WORDS = {
    "auth failed": 402,
    "not authenticated": 401,
    "auth timeout": 404,
    "connection limit exceeded": 406,
    "insufficient subscription": 409,
    "v2 not enabled": 408,
}


class Refusals:
    """One line's. Where Alpaca takes fewer symbols, half of them are asked for, the first ones."""

    def __init__(self, symbols: Sequence[str], kind: str) -> None:
        """``kind`` is what they are, in the plural."""
        self.symbols, self._all, self._kind = tuple(symbols), len(symbols), kind

    @contextmanager
    def told(self) -> Iterator[None]:
        """Around letting in: raises Unanswered for a refusal that is known."""
        try:
            yield
        except ValueError as error:
            code = WORDS.get(str(error))
            if code is None:
                raise
            raise self.refusal(code) from None
        except InvalidStatusCode as error:
            raise Unanswered(
                f"Alpaca's stream of {self._kind} can't be opened (status {error.status_code}); it "
                "is tried again.",
                retry_after_s=told_wait(error.headers),
                limited=error.status_code == 429,
            ) from None

    def heard(self, message: Any) -> None:
        """Raises Unanswered for a message that is a refusal."""
        if message.get("T") == "error":
            code = message.get("code")
            raise self.refusal(code if isinstance(code, int) else 0)

    def refusal(self, code: int) -> Unanswered:
        """By Alpaca's code; ``again`` is False where only a person can help."""
        if code in (401, 402):
            return Unanswered(KEYS, again=False)
        if code in (408, 409):
            return Unanswered(
                f"Alpaca's stream of {self._kind} isn't in the subscription of these keys; for "
                "TOLLGATE_ALPACA_FEED=sip one is needed, iex is free.",
                again=False,
            )
        if code == 406:
            return Unanswered(
                f"Alpaca allows one connection to its stream of {self._kind} for each account, and "
                "another program has it: end that one. It is tried again."
            )
        if code == 405:
            few = len(self.symbols) // 2
            if not few:
                return Unanswered("Alpaca's stream takes no symbol at all.", again=False)
            self.symbols = self.symbols[:few]
            return Unanswered(
                f"Alpaca's stream takes fewer {self._kind} with this subscription: the first {few} "
                f"of {self._all} are asked for."
            )
        return Unanswered(f"Alpaca's stream of {self._kind} refused ({code}); it is tried again.")
