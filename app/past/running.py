"""A run of the agents over the past, from what was asked to an ordinary result of a backtest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from app.past.asking import AskingTrader, Standing
from app.past.decider import Decider, choose_decider, program
from app.past.instruction import Instructions, chosen, read_instructions, read_step
from app.past.session import PastSession, opened
from tools.backtest.context import Context
from tools.backtest.costs import Costs
from tools.backtest.finding import Finding
from tools.backtest.loading import Found
from tools.backtest.policy import RESEARCH
from tools.backtest.request import Request
from tools.backtest.result import Result
from tools.backtest.strategy import Strategy
from tools.backtest.tape import Tape
from tools.backtest.trading import Trader
from tools.desk import Desk
from tools.domain.errors import ModelUnavailable, TradingError
from tools.domain.instrument import Instrument
from tools.market_data.columns import Times, nanoseconds
from tools.settings import Settings

if TYPE_CHECKING:
    from rag_index.known import KnownIndex
    from tools.ports import MarketData

NAME = "agents"
HASH = 16  # hexadecimal digits that are enough to tell two apart
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run as a person asks for it.

    ``asks`` are asked in their order at each moment of ``every``; ``symbols`` are more that the
    agents may look at. ``record`` is where a model's answers go, ``recorded`` whence they come.
    """

    asks: tuple[str, ...]
    symbols: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    every: str = "day"
    cash: float = 100_000.0
    costs: Costs = field(default_factory=Costs)
    limits: str = RESEARCH
    record: Path | None = None
    recorded: Path | None = None
    knowledge_ends: date | None = None


def play(
    settings: Settings,
    market: MarketData,
    index: Callable[[], KnownIndex],
    wanted: Wanted,
    told: Told | None = None,
) -> Result:
    """Ask the agents through the past of ``market``; ``index`` is opened once all else is in order.

    Raises InputError for an instruction that can't become an order, NotRecorded with the moment
    that a recording doesn't know, ModelUnavailable when the model doesn't answer at the beginning
    or ten times in a row, and what a backtest raises.
    """
    from tools.assembly import open_backtester

    step = read_step(wanted.every)
    known = {one.symbol: one.name for one in market.instruments()}
    asked = read_instructions(wanted.asks, known)
    decider = choose_decider(settings, wanted.record, wanted.recorded, wanted.knowledge_ends)
    symbols = tuple(dict.fromkeys((*asked.symbols, *wanted.symbols)))
    request = Request(
        NAME, symbols, wanted.start, wanted.end, cash=wanted.cash, costs=wanted.costs,
        limits=wanted.limits,
    )  # fmt: skip
    with ExitStack() as stack:
        seat = _Seat(settings, request, asked, step, decider, index, told, stack)
        backtester = replace(
            open_backtester(settings, market), finding=seat.found, trading=seat.trader
        )
        last = datetime.combine(wanted.end, time.max, UTC) if wanted.end else market.latest()
        backtester.record(request)  # what is wrong with it is told before anything is opened
        passages = seat.open_index()
        given = {
            "ask": " | ".join(asked.asks),
            "every": step,
            "decider": decider.mind.label,
            "knowledge": passages.fingerprint(min(last, market.latest()))[:HASH],
        }
        result = backtester.run(replace(request, params=given))
        return _told(result, seat, passages)


class _Seat:
    """What is opened for a run on its way, each thing once."""

    def __init__(
        self,
        settings: Settings,
        request: Request,
        asked: Instructions,
        step: str,
        decider: Decider,
        index: Callable[[], KnownIndex],
        told: Told | None,
        stack: ExitStack,
    ) -> None:
        self._settings, self._request, self._step = settings, request, step
        self._asked, self.decider, self._index = asked, decider, index
        self._heard, self._stack = told, stack
        self._passages: KnownIndex | None = None
        self._session: PastSession | None = None
        self.made: AskingTrader | None = None

    def open_index(self) -> KnownIndex:
        if self._passages is None:
            self._passages = self._index()
        return self._passages

    def found(self, name: str) -> Found:
        return Found(NAME, Standing, "", program())

    def trader(
        self,
        desk: Desk,
        found: Found,
        strategy: Strategy,
        listed: Mapping[str, Instrument],
        context: Context,
    ) -> Trader:
        due = chosen(_moments(cast("Tape", desk.market), self._request), self._step).tolist()
        self.made = made = AskingTrader(
            desk, found, strategy, listed, context,
            due=due, asks=self._asked.asks, ask=self._ask, told=self._heard,
        )  # fmt: skip
        passages = self.open_index()
        self._session = self._stack.enter_context(
            opened(self._settings, made.market, desk, passages, self.decider)
        )
        return made

    def _ask(self, question: str, session: str, moment: datetime) -> Any:
        return cast("PastSession", self._session).ask(question, session, moment)


def _moments(tape: Tape, request: Request) -> Times:
    """When each bar of the run was known, in order: nanoseconds since 1970 UTC."""
    known = np.unique(np.concatenate([one.known for one in tape.series.values()]))
    first = 0
    if request.start is not None:
        first = int(
            np.searchsorted(known, nanoseconds(datetime.combine(request.start, time(), UTC)))
        )
    moments: Times = known[first:]
    return moments


def _told(result: Result, seat: _Seat, passages: KnownIndex) -> Result:
    """The result with its decisions, who made them, and what they could have known."""
    made, decider = cast("AskingTrader", seat.made), seat.decider
    recording = decider.recording
    params = {**result.record.params, "recording": recording.hash[:HASH] if recording else ""}
    record = replace(result.record, params=params)
    days = sorted({datetime.fromisoformat(one["at"]).date() for one in made.decisions})
    who = decider.told(days)
    findings = [
        Finding("decider", "", "", who["note"]),
        *_failures(made.failures),
        *([] if passages.exact else [Finding("ranks", "", "", RANKS)]),
    ]
    kept = [one for one in result.document["findings"] if one["kind"] != "no orders"]
    if not any(one["orders"] for one in made.decisions):
        said = f"Asked {len(made.decisions)} times, the agents never proposed an order."
        findings.append(Finding("no orders", "", "", said))
    document = result.document | {
        "id": record.id,
        "record": record.plain(),
        "decider": who,
        "decisions": made.ended(),
        "findings": [asdict(one) for one in findings] + kept,
    }
    whole = Result(record, document)
    document["hash"] = whole.hash
    return whole


RANKS = (
    "The knowledge index is too large for memory or lies in a server: passages known later were "
    "left out, but their words still counted for the ranks of the others."
)


def _failures(failures: Sequence[tuple[datetime, TradingError]]) -> Iterator[Finding]:
    """One finding for each sentence, at the first moment it was told."""
    first: dict[str, tuple[datetime, TradingError]] = {}
    counts = Counter[str]()
    for at, error in failures:
        first.setdefault(str(error), (at, error))
        counts[str(error)] += 1
    for sentence, (at, error) in first.items():
        silent = isinstance(error, ModelUnavailable)
        who = "The model gave no answer" if silent else "The agents could not answer"
        many = f", {counts[sentence]} times in all" if counts[sentence] > 1 else ""
        said = f"{who} on {at:%Y-%m-%d %H:%M} UTC{many}: {sentence}"
        yield Finding("no answer", f"{at:%Y-%m-%d %H:%M}", "", said)
