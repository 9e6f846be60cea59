"""What a strategy is given at each bar: all that was known at that moment, and a place for wishes.

Figures are floats, as in all that computes; the desk keeps the exact ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.backtest.seen import Seen
from tools.backtest.series import CLOSE, HIGH, LOW, OPEN, QUOTED, VOLUME
from tools.backtest.wish import Cancel, Change, Number, Wish
from tools.domain.errors import InputError
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import Floats, moment_of

if TYPE_CHECKING:
    from tools.backtest.longer import Longer


class Quoted(NamedTuple):
    """Bid and ask, and how much is offered at each: NaN where nobody says."""

    bid: float
    ask: float
    bid_size: float
    ask_size: float


@dataclass(frozen=True, slots=True)
class Resting:
    """An order of this strategy that may still trade; ``left`` is signed, below zero it sells."""

    id: str
    symbol: str
    left: float
    limit: float | None
    stop: float | None


class Context:
    """What was known at one moment.

    ``symbols`` are those of the run, in the order in which they were asked for, and ``fresh`` those
    with a new bar at this moment. ``cash`` and positions are the desk's; money is in the account's
    currency at the rates known now, prices are in each symbol's own. There is no way from here
    to a later bar: what is not known yet is in none of these objects.
    """

    __slots__ = (
        "_at", "_balances", "_currencies", "_frames", "_held", "_rates", "_seen", "_wishes",
        "cash", "fresh", "orders", "symbols",
    )  # fmt: skip

    def __init__(
        self, seen: Mapping[str, Seen], cash: float, currencies: Mapping[str, str] | None = None
    ) -> None:
        """Made by whoever plays the bars.

        ``currencies`` are those of the symbols, None where all are in the account's own.
        """
        self._seen = dict(seen)
        self._currencies = currencies or {}
        self._rates: Mapping[str, float] = {}
        self._balances: Mapping[str, float] = {}
        self._held: dict[str, float] = {}
        self._wishes: list[Wish | Change | Cancel] = []
        self._frames: dict[tuple[str, str], Longer] = {}
        self._at = 0
        self.symbols: tuple[str, ...] = tuple(seen)
        self.fresh: Sequence[str] = ()
        self.cash = cash
        self.orders: Sequence[Resting] = ()

    @property
    def now(self) -> datetime:
        """The moment of the look, aware UTC: on the past the close of the newest bar."""
        return moment_of(self._at)

    @property
    def newest(self) -> datetime:
        """When the newest bar of any symbol was known, aware UTC."""
        return moment_of(max(seen.at for seen in self._seen.values()))

    @property
    def equity(self) -> float:
        """Cash and all positions at the last closes."""
        seen = self._seen
        if self._currencies:
            rate = self.rate
            worth = (q * seen[name].last[CLOSE] * rate(name) for name, q in self._held.items())
            return self.cash + sum(worth)
        return self.cash + sum(q * seen[name].last[CLOSE] for name, q in self._held.items())

    def rate(self, symbol: str) -> float:
        """What one unit of a symbol's currency is worth in the account's, as known now."""
        self._of(symbol)
        return self._rates[self._currencies[symbol]] if self._currencies else 1.0

    def bars(self, symbol: str, timeframe: str | None = None) -> int:
        """How many bars of a symbol are known."""
        return len(self._of(symbol) if timeframe is None else self._longer(symbol, timeframe))

    def close(self, symbol: str) -> float:
        """The last close as it was traded; InputError before the first bar."""
        try:
            return self._seen[symbol].last[CLOSE]
        except LookupError:
            return self._last(symbol)[CLOSE]

    def quote(self, symbol: str) -> Quoted | None:
        """The quote that stands, in a run on quotes; None where there are none."""
        last = self._of(symbol).last
        return Quoted(*last[QUOTED:]) if len(last) > QUOTED else None

    def closes(self, symbol: str, count: int, timeframe: str | None = None) -> Floats:
        """The last ``count`` closes, oldest first, fewer where fewer are known.

        Free of splits and dividends as far as the feed tells them; the newest is as traded.
        ``timeframe`` is a longer one than the run's (1h, 1d, 1w, 1mo): of its bars that are
        finished, never of the one under way. InputError where those can't be made.
        """
        return self._column(CLOSE, symbol, count, timeframe)

    def opens(self, symbol: str, count: int, timeframe: str | None = None) -> Floats:
        """As ``closes``."""
        return self._column(OPEN, symbol, count, timeframe)

    def highs(self, symbol: str, count: int, timeframe: str | None = None) -> Floats:
        """As ``closes``."""
        return self._column(HIGH, symbol, count, timeframe)

    def lows(self, symbol: str, count: int, timeframe: str | None = None) -> Floats:
        """As ``closes``."""
        return self._column(LOW, symbol, count, timeframe)

    def volumes(self, symbol: str, count: int, timeframe: str | None = None) -> Floats:
        """As ``closes``, but as traded; 0 where nobody tells it."""
        return self._column(VOLUME, symbol, count, timeframe)

    def indicator(
        self, symbol: str, name: str, count: int = 500, timeframe: str | None = None
    ) -> float:
        """The newest value of an indicator such as ``rsi_14``, worked out from ``count`` bars.

        NaN where there is too little history. Raises InputError for an unknown name, and for one
        with several outputs: ask for one of them (``bb_upper``).
        """
        from tools.backtest.measuring import newest

        seen = self._of(symbol) if timeframe is None else self._longer(symbol, timeframe)
        return newest(seen, name, count)

    def position(self, symbol: str) -> float:
        """What is held, below zero when short."""
        return self._held.get(symbol, 0.0)

    def weight(self, symbol: str) -> float:
        """What is held as a part of the equity, signed."""
        held = self.position(symbol)
        return held * self._worth(symbol) / self.equity if held else 0.0

    def order(self, symbol: str, quantity: Number, **terms: Any) -> None:
        """Wish to trade a signed quantity: at market, or on the ``terms`` of a ``Wish``.

        ``limit``, ``stop``, ``trail``, ``trail_fraction``, ``take_profit``, ``stop_loss``,
        ``stop_loss_limit``, ``time`` (day, gtc, ioc, fok), ``oco``, ``extended_hours``. The next
        bar meets it at the earliest, if the gate lets it through.
        """
        self._of(symbol)
        if not abs(float(quantity)) < 1e15:
            raise InputError(f"An order needs a quantity of ordinary size, was {quantity}.")
        self._wishes.append(Wish(symbol, quantity, **terms))

    def target(self, symbol: str, weight: float, band: float = 0.0) -> None:
        """Wish for as much at market as makes the position this part of the equity.

        Orders of the symbol that still wait count as filled. Nothing is wished for when the weight
        is off by no more than ``band``; what is held of a symbol with the weight 0 always goes.
        """
        if not abs(weight) < 1e6:
            raise InputError(f"A target needs a weight of ordinary size, was {weight}.")
        price = self._worth(symbol)
        waiting = sum(order.left for order in self.orders if order.symbol == symbol)
        held, equity = self.position(symbol) + waiting, self.equity
        wanted = weight * equity / price - held if weight else -held
        if wanted and (not weight or abs(wanted) * price > band * equity):
            self.order(symbol, wanted)

    def cancel(self, order_id: str) -> None:
        """Wish for the end of an order."""
        self._wishes.append(Cancel(order_id))

    def change(self, order_id: str, **terms: Any) -> None:
        """Wish for another ``quantity``, ``limit`` or ``stop`` of an order."""
        self._wishes.append(Change(order_id, **terms))

    def _last(self, symbol: str) -> Sequence[float]:
        seen = self._of(symbol)
        if not seen.last:
            raise InputError(f"There is no bar of {symbol} yet: ask bars() first.")
        return seen.last

    def _worth(self, symbol: str) -> float:
        """The last close in the account's currency."""
        close = self._last(symbol)[CLOSE]
        return close * self.rate(symbol) if self._currencies else close

    def _of(self, symbol: str) -> Seen:
        found = self._seen.get(symbol)
        if found is None:
            raise InputError(f"This run is about {', '.join(self.symbols)}, not {symbol!r:.30}.")
        return found

    def _column(self, which: int, symbol: str, count: int, timeframe: str | None) -> Floats:
        if timeframe is None:
            return self._of(symbol).column(which, count)
        return self._longer(symbol, timeframe).column(which, count)

    def _longer(self, symbol: str, timeframe: str) -> Longer:
        """Bars of a longer timeframe up to now; made when they are first asked for."""
        found = self._frames.get((symbol, timeframe))
        if found is None:
            from tools.backtest.longer import Longer  # and with it what makes bars

            found = Longer(self._of(symbol), Timeframe.parse(timeframe))
            self._frames[symbol, timeframe] = found
        found.catch_up(self._at)
        return found

    # ------------------------------------------------------- for whoever plays the bars

    def begin(self, at: int, fresh: Sequence[str]) -> None:
        """Another moment (nanoseconds), and the symbols with a new bar."""
        self._at, self.fresh = at, fresh

    def account(
        self,
        cash: float,
        held: Mapping[str, float],
        orders: Sequence[Resting] = (),
        balances: Mapping[str, float] | None = None,
    ) -> None:
        """What the desk says of the account now; ``balances`` are its cash by currency."""
        self.cash, self._held, self.orders = cash, dict(held), orders
        if self._currencies and balances is not None:
            self._balances = balances
            self.exchange(self._rates)

    def exchange(self, rates: Mapping[str, float]) -> None:
        """The rates of all currencies into the account's, as they are known now."""
        self._rates = rates
        if self._balances:
            self.cash = sum(money * rates[code] for code, money in self._balances.items())

    def wishes(self) -> Sequence[Wish | Change | Cancel]:
        """What was wished for since the last time, to be taken to the desk."""
        if not self._wishes:
            return ()
        taken, self._wishes = self._wishes, []
        return taken
