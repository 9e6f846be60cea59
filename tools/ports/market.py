"""Where the market comes in: its time, prices and documents, and what carries or keeps them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from tools.domain.actions import CorporateAction
from tools.domain.feed_health import FeedHealth
from tools.domain.instrument import Instrument
from tools.domain.market import AsOf, Bar, Quote
from tools.domain.status import Status


class Clock(Protocol):
    """Two times: the market's, which a sample or a backtest simulates, and the wall's."""

    def now(self) -> datetime:
        """The market moment the desk trades at."""
        ...

    def wall(self) -> datetime:
        """The real time, for journals and for approvals that expire."""
        ...


class MarketData(Protocol):
    """Prices known at ``as_of``. Unknown symbols and empty ranges raise DataUnavailable."""

    def instruments(self) -> tuple[Instrument, ...]:
        """What can be asked for by name without a network; a feed may know more."""
        ...

    def instrument(self, symbol: str) -> Instrument:
        """The listing of a symbol; raises DataUnavailable with near matches when unknown."""
        ...

    def history(self, symbol: str, as_of: datetime) -> AsOf:
        """Every daily bar known at ``as_of``, oldest first; never empty."""
        ...

    def quote(self, symbol: str, as_of: datetime) -> Quote:
        """Bid and ask known at ``as_of``; says whether it is simulated."""
        ...

    def bars_after(self, symbol: str, moment: datetime, until: datetime) -> Sequence[Bar]:
        """Bars that opened at or after ``moment`` and were known by ``until``, oldest first.

        Empty when there are none. For the venue's fills only.
        """
        ...

    def latest(self) -> datetime:
        """The last moment the default feed knows: where a simulated clock stands."""
        ...


@runtime_checkable
class MarketStatus(Protocol):
    """What a market may offer besides prices: whether trading goes on."""

    def status(self, symbol: str, as_of: datetime) -> Status | None:
        """At ``as_of``; None where that isn't known. DataUnavailable as for prices."""
        ...


@runtime_checkable
class FeedsHealth(Protocol):
    """What a market may offer besides prices: how its sources are doing."""

    def feeds(self) -> tuple[FeedHealth, ...]:
        """Each source behind a network, in the order in which they are asked."""
        ...


class CorporateActions(Protocol):
    """Where splits and dividends are known from."""

    def actions(self, symbol: str, after: datetime, until: datetime) -> Sequence[CorporateAction]:
        """Those with an ex-moment above ``after`` and up to ``until``, oldest first."""
        ...


class Bus(Protocol):
    """Messages between the parts of a desk, in one process or over a broker of messages.

    At least once: a handler may see a message twice, and must not mind. Payloads are JSON objects.
    Raises DataUnavailable when the broker of messages can't be reached.
    """

    async def publish(self, topic: str, payload: Mapping[str, object]) -> None:
        """Hand on one message; it has left this process when it returns."""
        ...

    def subscribe(
        self, topic: str, handle: Callable[[Mapping[str, object]], Awaitable[None]], group: str = ""
    ) -> None:
        """Before ``start``: each message of ``topic`` to one of each ``group``, to all without one.

        A message whose handler raises is tried again and then put on ``dead.TOPIC`` with the error.
        """
        ...

    async def start(self) -> None:
        """Connect, and let messages flow."""
        ...

    async def stop(self) -> None:
        """Finish what is being handled, and disconnect."""
        ...


class Cache(Protocol):
    """Bytes by key for a while; may forget at any time, and never fails a caller for it."""

    def get(self, key: str) -> bytes | None:
        """What was put, None when it is gone or the cache can't be reached."""
        ...

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep it for at most ``seconds``."""
        ...

    def delete(self, key: str) -> None:
        """Forget it."""
        ...
