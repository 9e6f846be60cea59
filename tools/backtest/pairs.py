"""The pairs of currencies that a run needs to turn all that it holds into the account's money.

Their rates are the last daily closes known at a moment, as at the desk, whatever bars the run is
on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tools.backtest.series import Series, from_bars
from tools.domain.errors import InputError, TradingError
from tools.domain.instrument import Instrument
from tools.portfolio.marks import spelled, ways
from tools.ports import MarketData

USUAL = "USD"
"""The desk's own currency, of a run on several without another."""


def currency_of(listed: Iterable[Instrument], asked: str) -> str:
    """The account's: the one ``asked`` for, else the one that all listings share, else dollars."""
    found = {one.currency for one in listed}
    return asked or (found.pop() if len(found) == 1 else USUAL)


def read_pairs(
    market: MarketData, listed: Sequence[Instrument], into: str, until: datetime
) -> tuple[Series, ...]:
    """Daily bars, known at ``until`` (aware), of the pairs that turn every listing into ``into``.

    Of each currency the first way whose pairs the market has: directly, or through a third. Raises
    InputError, naming the pairs that would do, where there is none.
    """
    reader = _Reader(market, until)
    found: dict[str, Series] = {}
    for currency in sorted({one.currency for one in listed} - {into}):
        way = next((way for way in ways(currency, into) if all(map(reader.has, way))), None)
        if way is None:
            raise InputError(_no_rate(currency, into, listed, reader.why))
        for step in way:
            one = reader.read(step)
            if one is not None:
                found[one.symbol] = one
    return tuple(found[symbol] for symbol in sorted(found))


class _Reader:
    """Looks for each pair once; ``why`` says of a pair that there is, but that can't be used."""

    def __init__(self, market: MarketData, until: datetime) -> None:
        self._market, self._until = market, until
        self._known: dict[frozenset[str], Series | None] = {}
        self.why: dict[str, str] = {}

    def has(self, step: tuple[str, str]) -> bool:
        return self.read(step) is not None

    def read(self, step: tuple[str, str]) -> Series | None:
        """The pair of two currencies, either way round; None without one."""
        key = frozenset(step)
        if key not in self._known:
            self._known[key] = next(self._found(step), None)
        return self._known[key]

    def _found(self, step: tuple[str, str]) -> Iterator[Series]:
        for symbol, _ in spelled(*step):
            try:
                listed = self._market.instrument(symbol)
            except TradingError:
                continue
            try:
                history = self._market.history(symbol, self._until)
                yield from_bars(listed, history.feed, history.bars)
            except TradingError as error:
                self.why[symbol] = str(error)


def _no_rate(currency: str, into: str, listed: Sequence[Instrument], why: Mapping[str, str]) -> str:
    named = [one.symbol for one in listed if one.currency == currency]
    told = "".join(f" {symbol}: {said}" for symbol, said in why.items())
    alone = len(named) == len(listed)
    other = f", or keep the account in {currency} with --currency {currency}" if alone else ""
    return (
        f"{' and '.join(named[:3])}{' and others' if len(named) > 3 else ''} "
        f"trade{'' if len(named) > 1 else 's'} in {currency} and the account is in {into}, but no "
        f"feed has usable daily bars of {currency}/{into} or {into}/{currency}, nor of both with a "
        f"third currency. Put a file {currency}-{into}.csv into the folder of TOLLGATE_DATA"
        f"{other}.{told}"
    )
