"""A run from its request to its result: the desk on the past, and the figures of what it did."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path

import numpy as np

from tools.backtest.actions import KnownActions
from tools.backtest.context import Context
from tools.backtest.costs import Costs
from tools.backtest.ledger import RunLedger
from tools.backtest.loading import Found, find
from tools.backtest.playing import Player, Progress
from tools.backtest.policy import APPROVED_BY, limits_of
from tools.backtest.reading import odd_bars, read_tape
from tools.backtest.request import Record, Request
from tools.backtest.result import Result, result_of
from tools.backtest.seen import Seen
from tools.backtest.strategy import Strategy, made, parameters
from tools.backtest.tape import Tape
from tools.backtest.trading import Trader
from tools.clock import SimulatedClock
from tools.desk import Desk
from tools.desk.program import build
from tools.domain.actions import CorporateAction
from tools.domain.errors import InputError
from tools.market_data.columns import moment_of
from tools.ports import Broker, MarketData
from tools.risk.limits import Limits

ACCOUNT = "backtest"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a simulated venue is made from."""

    tape: Tape
    clock: SimulatedClock
    costs: Costs
    actions: KnownActions
    cash: Decimal
    currency: str


Venue = Callable[[Setting], Broker]
Actions = Callable[[str, datetime, datetime], "tuple[CorporateAction, ...]"]


@dataclass(frozen=True, slots=True)
class Backtester:
    """Plays strategies on the past of ``market``.

    ``venue`` makes the simulated venue and ``actions`` tells the splits and dividends of a symbol
    between two moments: whoever puts the house together names both.
    """

    market: MarketData
    venue: Venue
    actions: Actions

    def run(
        self, request: Request, progress: Progress | None = None, *, until: datetime | None = None
    ) -> Result:
        """The result; nothing known after ``until`` (aware UTC) is seen.

        Raises InputError, DataUnavailable or ConfigError with a sentence.
        """
        found = find(request.strategy)
        strategy = made(found.kind, request.params)
        if 0 < len(set(request.symbols)) < found.least_symbols:
            raise InputError(f"{found.name} trades at least {found.least_symbols} symbols at once.")
        limits = limits_of(request.limits)
        ends = [self.market.latest(), *([] if until is None else [until])]
        if request.end is not None:
            ends.append(datetime.combine(request.end, time.max, UTC))
        tape = read_tape(self.market, request.symbols, request.timeframe, min(ends))
        start, end = _span(tape, request)
        ordered = tuple(tape.series)
        actions = KnownActions({s: self.actions(s, start, end) for s in ordered})
        clock = SimulatedClock(start)
        seen = {symbol: Seen(symbol) for symbol in ordered}
        player = Player(tape, clock, tuple(seen.values()), start, end, actions.moments())
        currency = next(iter(tape.series.values())).listed.currency
        record = _record(request, found, strategy, tape, limits, player, currency)
        cash = Decimal(str(request.cash))
        venue = self.venue(Setting(tape, clock, request.costs, actions, cash, currency))
        with (
            _seeded(request.seed),
            tempfile.TemporaryDirectory(prefix="tollgate-backtest-") as folder,
        ):
            desk = _desk(venue, tape, clock, limits, Path(folder), cash, currency)
            listed = {symbol: tape.series[symbol].listed for symbol in ordered}
            context = Context(seen, request.cash)
            trader = Trader(desk, found, strategy, listed, context)
            player.play(trader, progress)
            odd = tuple(odd_bars(tape, start, end))
            return result_of(record, desk, tape, actions, player.moments, trader.refusals, odd)


def _desk(
    venue: Broker,
    tape: Tape,
    clock: SimulatedClock,
    limits: Limits,
    folder: Path,
    cash: Decimal,
    currency: str,
) -> Desk:
    """The desk as it is live; its ledger is in memory and its switch in a folder of its own."""
    return Desk(
        ledger=RunLedger(clock),
        broker=venue,
        market=tape,
        clock=clock,
        limits=limits,
        folder=folder,
        account=ACCOUNT,
        currency=currency,
        starting_cash=cash,
    )


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """What the strategy draws follows from the seed; what the program draws later does not."""
    before, arrays = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(arrays)


def _span(tape: Tape, request: Request) -> tuple[datetime, datetime]:
    """The first and the last moment of the run, aware UTC."""
    first = moment_of(min(int(one.known[0]) for one in tape.series.values()))
    start, end = first, tape.latest()
    if request.start is not None:
        start = max(first, datetime.combine(request.start, time(), UTC))
    return start, end


def _record(
    request: Request,
    found: Found,
    strategy: Strategy,
    tape: Tape,
    limits: Limits,
    player: Player,
    currency: str,
) -> Record:
    return Record(
        strategy=found.name,
        file=found.file,
        source=found.hash,
        params=parameters(strategy),
        symbols=tuple(tape.series),
        timeframe=str(tape.timeframe),
        start=moment_of(int(player.moments[0])).isoformat(),
        end=moment_of(int(player.moments[-1])).isoformat(),
        bars=len(player.moments),
        cash=request.cash,
        currency=currency,
        costs=request.costs.plain(),
        limits=limits.name,
        limits_hash=limits.hash,
        data=tape.hash,
        feeds={symbol: one.feed for symbol, one in tape.series.items()},
        code=build(),
        seed=request.seed,
        approvals=APPROVED_BY,
    )
