"""A run of the agents over the past, from what was asked to an ordinary result of a backtest."""

from __future__ import annotations

import hashlib
import re
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
from app.past.decision import Turn
from app.past.instruction import Instructions, chosen, read_instructions, read_step
from app.past.outlook import MOST_CALLS, after_the_first, ahead
from app.past.session import PastSession, opened
from app.past.unfinished import Unfinished
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
from tools.domain.errors import InputError, ModelUnavailable, TradingError
from tools.domain.instrument import Instrument
from tools.market_data.columns import Times, nanoseconds
from tools.settings import Settings

if TYPE_CHECKING:
    from rag_index.known import KnownIndex
    from tools.ports import MarketData

NAME = "agents"
MOST_EVER = 10_000_000
DATE = re.compile(r"\d{4}-\d\d-\d\d")
HASH = 16  # hexadecimal digits that are enough to tell two apart
Told = Callable[[int, int], None]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run as a person asks for it.

    ``asks`` are asked in their order at each moment of ``every``; ``symbols`` are more that the
    agents may look at. ``record`` is where a model's answers go, ``recorded`` whence they come, and
    ``most_calls`` how often it may be asked.
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
    most_calls: int = MOST_CALLS
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Hearer:
    """Who follows a run: ``told`` how many of all questions were asked, ``say`` a sentence.

    ``keep`` gets the result; until it has it, the answers of the run are not given up.
    """

    told: Told | None = None
    say: Say = lambda sentence: None
    keep: Callable[[Result], object] = lambda result: None


def play(
    settings: Settings,
    market: MarketData,
    index: Callable[[], KnownIndex],
    wanted: Wanted,
    hearer: Hearer = Hearer(),
) -> Result:
    """Ask the agents through the past of ``market``; ``index`` is opened once all else is in order.

    Stopped, the same call goes on where it was: each answer is on disk. Raises InputError for an
    instruction that can't become an order, NotRecorded with the moment that a recording doesn't
    know, ModelUnavailable when the model doesn't answer at the beginning or ten times in a row,
    CallsSpent when it was asked as often as it may, and what a backtest raises.
    """
    from tools.assembly import open_backtester

    step = read_step(wanted.every)
    known = {one.symbol: one.name for one in market.instruments()}
    asked = read_instructions(wanted.asks, known)
    if not 1 <= wanted.most_calls <= MOST_EVER:
        raise InputError(f"--most-calls takes 1 to {MOST_EVER:,}, was {wanted.most_calls:,}.")
    decider = choose_decider(settings, wanted.record, wanted.recorded, wanted.knowledge_ends)
    if decider.recording is not None:
        decider.recording.most_calls = wanted.most_calls
    symbols = tuple(dict.fromkeys((*asked.symbols, *wanted.symbols)))
    request = Request(
        NAME, symbols, wanted.start, wanted.end, cash=wanted.cash, costs=wanted.costs,
        limits=wanted.limits, currency=wanted.currency,
    )  # fmt: skip
    with ExitStack() as stack:
        seat = _Seat(settings, request, asked, step, decider, index, hearer, stack)
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
        request = replace(request, params=given)
        unfinished = seat.take_up(backtester.record(request).id)
        result = _told(backtester.run(request), seat, passages)
        hearer.keep(result)
        unfinished.end()
        return result


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
        hearer: Hearer,
        stack: ExitStack,
    ) -> None:
        self._settings, self._request, self._step = settings, request, step
        self._asked, self.decider, self._index = asked, decider, index
        self._hearer, self._stack = hearer, stack
        self._passages: KnownIndex | None = None
        self._session: PastSession | None = None
        self._unfinished: Unfinished | None = None
        self.made: AskingTrader | None = None

    def open_index(self) -> KnownIndex:
        if self._passages is None:
            self._passages = self._index()
        return self._passages

    def take_up(self, run: str) -> Unfinished:
        """What an earlier run of this record was answered; a model's elsewhere is another's."""
        recording = self.decider.recording
        where = "" if recording is None else f"{recording.where} {self.decider.played}"
        name = hashlib.sha256(f"{run} {where}".encode()).hexdigest()[:HASH]
        folder = self._settings.state / "backtests" / "unfinished"
        fits = (lambda used: True) if recording is None else recording.use_again
        self._unfinished = self._stack.enter_context(Unfinished(folder / f"{name}.jsonl", fits))
        return self._unfinished

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
        unfinished = cast("Unfinished", self._unfinished)
        self.made = made = AskingTrader(
            desk, found, strategy, listed, context, due=due, asks=self._asked.asks, agents=self,
            unfinished=unfinished, told=self._hearer.told,
        )  # fmt: skip
        self._say(
            ahead(
                made.questions,
                unfinished.begun_with,
                self.decider.recording,
                played=self.decider.played,
            )
        )
        passages = self.open_index()
        self._session = self._stack.enter_context(
            opened(self._settings, made.market, desk, passages, self.decider)
        )
        return made

    def ask(self, question: str, session: str, moment: datetime) -> Turn:
        recording, made = self.decider.recording, cast("AskingTrader", self.made)
        before = (0, 0) if recording is None else (recording.requests, recording.tokens)
        turn = cast("PastSession", self._session).ask(question, session, moment)
        first = len(made.decisions) == cast("Unfinished", self._unfinished).begun_with
        if first and recording is not None:
            self._say(after_the_first(made.questions - len(made.decisions) - 1, recording, before))
        return turn

    def propose(self, orders: Sequence[Mapping[str, Any]]) -> None:
        cast("PastSession", self._session).propose(orders)

    def _say(self, sentence: str) -> None:
        if sentence:
            self._hearer.say(sentence)


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
    who = decider.told(days) | {"unanswered": sum(bool(one["error"]) for one in made.decisions)}
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
    """One finding for each sentence but its dates, at the first moment it was told."""
    first: dict[str, tuple[datetime, TradingError]] = {}
    counts = Counter[str]()
    for at, error in failures:
        said = DATE.sub("", str(error))
        first.setdefault(said, (at, error))
        counts[said] += 1
    for key, (at, error) in first.items():
        silent = isinstance(error, ModelUnavailable)
        who = "The model gave no answer" if silent else "The agents could not answer"
        many = f", {counts[key]} times in all" if counts[key] > 1 else ""
        said = f"{who} on {at:%Y-%m-%d %H:%M} UTC{many}: {error}"
        yield Finding("no answer", f"{at:%Y-%m-%d %H:%M}", "", said)
