"""A run from its request to its result: the desk on the past, and the figures of what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from tools.backtest.actions import KnownActions
from tools.backtest.collecting import sparing
from tools.backtest.context import Context
from tools.backtest.costs import Costs
from tools.backtest.happening import Actions, acts_of
from tools.backtest.ledger import RunLedger
from tools.backtest.loading import Found, find
from tools.backtest.oddities import odd_bars
from tools.backtest.pairs import currency_of
from tools.backtest.playing import Player, Progress
from tools.backtest.policy import limits_of
from tools.backtest.rates import Rates, rates_of
from tools.backtest.reading import read_tape
from tools.backtest.record import record_of
from tools.backtest.request import Record, Request
from tools.backtest.result import Result, result_of
from tools.backtest.seeded import seeded
from tools.backtest.seen import Seen
from tools.backtest.strategy import Strategy, made
from tools.backtest.tape import Tape
from tools.backtest.tick_reading import read_ticks, source_of
from tools.backtest.ticks import On
from tools.backtest.trading import Trader
from tools.backtest.watching import Watch, watched
from tools.clock import SimulatedClock
from tools.desk import Desk
from tools.domain.errors import InputError
from tools.domain.instrument import Instrument
from tools.domain.timeframe import Timeframe
from tools.market_data.columns import moment_of
from tools.market_data.market import Market
from tools.market_data.store.series import FIRST, LAST
from tools.monitoring.beside import in_memory
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
Reading = Callable[[MarketData, Sequence[str], Timeframe, datetime, str], Tape]
Trading = Callable[[Desk, Found, Strategy, Mapping[str, Instrument], Context], Trader]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A run that could begin: all that is known before its first bar is shown."""

    found: Found
    strategy: Strategy
    limits: Limits
    tape: Tape
    start: datetime
    end: datetime
    actions: KnownActions
    clock: SimulatedClock
    seen: dict[str, Seen]
    player: Player
    record: Record
    rates: Rates | None


@dataclass(frozen=True, slots=True)
class Backtester:
    """Plays strategies on the past of ``market``.

    ``venue`` makes the simulated venue and ``actions`` tells the splits and dividends of a symbol
    between two moments: whoever puts the house together names both. ``read`` reads the tape,
    ``finding`` finds a strategy by its name and ``trading`` seats it at the desk.
    """

    market: MarketData
    venue: Venue
    actions: Actions
    read: Reading = read_tape
    finding: Callable[[str], Found] = find
    trading: Trading = Trader

    def run(
        self, request: Request, progress: Progress | None = None, *, until: datetime | None = None
    ) -> Result:
        """The result; nothing known after ``until`` (aware UTC) is seen.

        Raises InputError, DataUnavailable or ConfigError with a sentence.
        """
        # Before the strategy's file is read: it may draw as soon as it begins.
        with (
            watched(request.strategy) as watch,
            seeded(request.strategy, request.seed),
            sparing(),
        ):
            result = self._played(self._opened(request, until), request, progress, watch)
        result.document["reached"] = [asdict(one) for one in watch.findings()]
        return result

    def record(self, request: Request, *, until: datetime | None = None) -> Record:
        """The record of a run that is not played; raises as ``run``."""
        with seeded(request.strategy, request.seed):
            return self._opened(request, until).record

    def _played(
        self, opened: _Opened, request: Request, progress: Progress | None, watch: Watch
    ) -> Result:
        tape, record, clock, rates = opened.tape, opened.record, opened.clock, opened.rates
        cash = Decimal(str(request.cash))
        setting = Setting(tape, clock, request.costs, opened.actions, cash, record.currency)
        desk = _desk(self.venue(setting), tape, clock, opened.limits, cash, record.currency)
        listed = {symbol: one.listed for symbol, one in tape.series.items()}
        owned = {symbol: one.currency for symbol, one in listed.items()} if rates else None
        context = watch.context = Context(opened.seen, request.cash, owned)
        trader = self.trading(desk, opened.found, opened.strategy, listed, context)
        player = opened.player
        player.play(trader, progress)
        odd = (
            *odd_bars(tape, opened.start, opened.end, request.delisted),
            *(rates.findings(player.moments) if rates else ()),
        )
        refused, small = trader.refusals, trader.small
        acts, looks = opened.actions, player.looks
        return result_of(record, desk, tape, acts, looks, refused, small, odd, rates)

    def _opened(self, request: Request, until: datetime | None) -> _Opened:
        found = self.finding(request.strategy)
        strategy = made(found.kind, request.params)
        if 0 < len(set(request.symbols)) < found.least_symbols:
            raise InputError(f"{found.name} trades at least {found.least_symbols} symbols at once.")
        limits = limits_of(request.limits)
        tape = self._tape(request, until)
        start, end = _span(tape, request)
        actions = acts_of(self.actions, tape, start, end, request.delisted)
        clock = SimulatedClock(start)
        frame = "" if tape.timeframe is None else str(tape.timeframe)
        seen = {
            name: Seen(name, one.values.shape[1], one.listed.calendar, frame)
            for name, one in tape.series.items()
        }
        latency = timedelta(seconds=request.costs.latency_s)
        each = tuple(seen.values())
        currency = currency_of([one.listed for one in tape.series.values()], request.currency)
        rates = rates_of(tape, currency, actions)
        player = Player(tape, clock, each, start, end, actions.moments(), latency, rates)
        if rates is not None:
            rates.check(player.moments)
        record = record_of(request, found, strategy, tape, limits, player, currency)
        return _Opened(
            found, strategy, limits, tape, start, end, actions, clock, seen, player, record, rates
        )

    def _tape(self, request: Request, until: datetime | None) -> Tape:
        """What was known by the end of the run, or by ``until``."""
        ends = [] if until is None else [until]
        if request.end is not None:
            ends.append(datetime.combine(request.end, time.max, UTC))
        frame, on = request.timeframe, request.on
        days = frame is not None and not frame.intraday
        if request.recording is None:
            ends.append(self.market.latest() if on is On.BARS and days else _now(self.market))
        if on is On.BARS and frame is not None:
            return self.read(self.market, request.symbols, frame, min(ends), request.currency)
        source = source_of(self.market, request.recording)
        start = FIRST if request.start is None else datetime.combine(request.start, time(), UTC)
        return read_ticks(
            self.market, source, request.symbols, on, frame, start, min(ends, default=LAST),
            request.currency,
        )  # fmt: skip


def _now(market: MarketData) -> datetime:
    """Where the desk's clock stands where a feed is live; else files know where they end."""
    if not isinstance(market, Market):
        return market.latest()
    live = any(feed.live and feed.latest() is not None for feed in market.sources())
    return market.latest() if live else LAST


def _desk(
    venue: Broker,
    tape: Tape,
    clock: SimulatedClock,
    limits: Limits,
    cash: Decimal,
    currency: str,
) -> Desk:
    """The desk as it is live; its ledger, and all that stands beside it, is in memory."""
    return Desk(
        ledger=RunLedger(clock),
        broker=venue,
        market=tape,
        clock=clock,
        limits=limits,
        folder=in_memory(),
        account=ACCOUNT,
        currency=currency,
        starting_cash=cash,
    )


def _span(tape: Tape, request: Request) -> tuple[datetime, datetime]:
    """The first and the last moment of the run, aware UTC."""
    first = moment_of(min(int(one.known[0]) for one in tape.series.values()))
    start, end = first, tape.latest()
    if request.start is not None:
        start = max(first, datetime.combine(request.start, time(), UTC))
    return start, end
