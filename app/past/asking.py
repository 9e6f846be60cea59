"""The agents in a strategy's place: asked at a moment's close, they propose by themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Protocol, cast

from app.past.decision import Turn, decision, ordered
from app.past.known import KnownMarket
from app.past.unfinished import Answered, Unfinished
from tools.backtest.context import Context
from tools.backtest.loading import Found
from tools.backtest.strategy import Strategy
from tools.backtest.tape import Tape
from tools.backtest.trading import Trader
from tools.backtest.wish import Cancel, Change, Wish
from tools.clock import SimulatedClock
from tools.desk import Desk
from tools.domain import errors
from tools.domain.errors import ModelUnavailable, StateError, TradingError
from tools.domain.instrument import Instrument
from tools.execution.record import OrderRecord
from tools.market_data.columns import nanoseconds

MOST_SILENT = 10
"""So many times in a row a model may fail before the run ends: it is gone, and not only late."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a run's record says of the agents: its fields are the run's parameters."""

    ask: str = ""
    every: str = "day"
    decider: str = ""
    memory: str = "none: a fresh thread at each moment"
    knowledge: str = ""
    recording: str = ""

    def on_bar(self, context: Context) -> None:
        """Nothing: the agents are asked by their trader."""


class Agents(Protocol):
    """Who is asked."""

    def ask(self, question: str, session: str, moment: datetime) -> Turn:
        """A question, the session it is asked in, and the moment."""
        ...

    def propose(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """Propose again what was proposed before, without asking anybody."""
        ...


class AskingTrader(Trader):
    """Asks at the moments that are due; what the graph proposes goes to this same desk by MCP."""

    def __init__(
        self,
        desk: Desk,
        found: Found,
        strategy: Strategy,
        listed: Mapping[str, Instrument],
        context: Context,
        *,
        due: Sequence[int],
        asks: Sequence[str],
        agents: Agents,
        unfinished: Unfinished,
        told: Callable[[int, int], None] | None = None,
    ) -> None:
        """``due`` are nanoseconds; ``told`` hears how many of all questions were asked.

        What ``unfinished`` has answers to is not asked again.
        """
        super().__init__(desk, found, strategy, listed, context)
        self._clock = cast("SimulatedClock", desk.clock)
        self.market = KnownMarket(cast("Tape", desk.market), desk.clock)
        self._due, self._asks, self._told = frozenset(due), asks, told
        self._agents, self._unfinished = agents, unfinished
        self._count = self._silent = 0
        self.decisions: list[dict[str, Any]] = []
        self.failures: list[tuple[datetime, TradingError]] = []

    def decide(self) -> Sequence[Wish | Change | Cancel]:
        """Nothing for the player to propose: the graph does so itself."""
        now = self.context.now
        if nanoseconds(now) in self._due:
            self._clock.turn_to(now)
            self.catch_up()
            for number, question in enumerate(self._asks):
                self._one(question, f"{now:%Y%m%dT%H%M%S}-{number}", now)
            self.look()
        return ()

    def ended(self) -> list[dict[str, Any]]:
        """Every decision, its orders with the state that they have now."""
        states = {one.id: str(one.state) for one in self._desk.journal.read().orders.values()}
        return [
            one | {"orders": [row | {"state": states[row["id"]]} for row in one["orders"]]}
            for one in self.decisions
        ]

    @property
    def questions(self) -> int:
        """How many the whole run asks."""
        return len(self._due) * len(self._asks)

    def _one(self, question: str, session: str, now: datetime) -> None:
        place = len(self.decisions)
        if place < self._unfinished.begun_with:
            self._again(self._unfinished.answered[place], now)
        else:
            self._first(question, session, now)
        if self._told is not None:
            self._told(len(self.decisions), self.questions)

    def _first(self, question: str, session: str, now: datetime) -> None:
        turn = self._agents.ask(question, session, now)
        records = self._new()
        made = decision(question, now, turn, records)
        failed = "" if turn.error is None else type(turn.error).__name__
        orders = [dict(one) for one in turn.proposed]
        kept = Answered(made, orders, failed, dict(turn.used))
        self._heard(made, records, turn.error, now)
        self._unfinished.keep(kept)

    def _again(self, kept: Answered, now: datetime) -> None:
        """What was answered before the run was stopped: its orders go through the gate again."""
        self._agents.propose(kept.proposed)
        records = self._new()
        if ordered(records) != kept.decision["orders"] or kept.decision["at"] != now.isoformat():
            raise StateError(
                f"What was kept of this run leads to other orders at {now:%Y-%m-%d %H:%M} UTC than "
                "before. Play it with another --cash or day to begin a new one, and report this."
            )
        error = error_named(kept.failed, kept.decision["error"]) if kept.failed else None
        self._heard(kept.decision, records, error, now)

    def _heard(
        self,
        made: dict[str, Any],
        records: Sequence[OrderRecord],
        error: TradingError | None,
        now: datetime,
    ) -> None:
        for record in records:
            self._refused(record)
        if error is None:
            self._silent = 0
        else:
            self._failed(error, now)
        self.decisions.append(made)

    def _failed(self, error: TradingError, now: datetime) -> None:
        self.failures.append((now, error))
        if not isinstance(error, ModelUnavailable):
            return
        self._silent += 1
        first = len(self.decisions) == self._unfinished.begun_with
        if first or self._silent >= MOST_SILENT:
            # With the first question nothing is lost yet, and it is the settings that are wrong.
            raise error

    def _new(self) -> list[OrderRecord]:
        """The orders that this question brought, also where its answer failed later."""
        orders = self._desk.journal.read().orders
        fresh = list(islice(orders.values(), self._count, None))
        self._count = len(orders)
        return fresh


def error_named(name: str, sentence: str) -> TradingError:
    """An error again, from how it was kept."""
    kind = getattr(errors, name, TradingError)
    known = isinstance(kind, type) and issubclass(kind, TradingError)
    return kind(sentence) if known else TradingError(sentence)
