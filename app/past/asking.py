"""The agents in a strategy's place: asked at a moment's close, they propose by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, cast

from app.past.known import KnownMarket
from tools.backtest.context import Context
from tools.backtest.loading import Found
from tools.backtest.strategy import Strategy
from tools.backtest.tape import Tape
from tools.backtest.trading import Trader
from tools.backtest.wish import Cancel, Change, Wish
from tools.clock import SimulatedClock
from tools.desk import Desk
from tools.domain.errors import ModelUnavailable, TradingError
from tools.domain.instrument import Instrument
from tools.execution.record import OrderRecord
from tools.market_data.columns import nanoseconds

LONGEST_ANSWER, LONGEST_FIGURE = 400, 40
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


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one question: the last ``answer`` event, or the error in its place."""

    answer: Mapping[str, Any] | None
    tools: Sequence[Mapping[str, Any]]
    error: TradingError | None = None


Ask = Callable[[str, str, datetime], Turn]
"""A question, the session it is asked in, and the moment."""


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
        ask: Ask,
        told: Callable[[int, int], None] | None = None,
    ) -> None:
        """``due`` are nanoseconds; ``told`` hears how many of all questions were asked."""
        super().__init__(desk, found, strategy, listed, context)
        self._clock = cast("SimulatedClock", desk.clock)
        self.market = KnownMarket(cast("Tape", desk.market), desk.clock)
        self._due, self._asks, self._ask, self._told = frozenset(due), asks, ask, told
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

    def _one(self, question: str, session: str, now: datetime) -> None:
        turn = self._ask(question, session, now)
        records = self._new()
        for record in records:
            self._refused(record)
        if turn.error is not None:
            self._failed(turn.error, now)
        elif turn.answer is not None:
            self._silent = 0
        self.decisions.append(_decision(question, now, turn, records))
        if self._told is not None:
            self._told(len(self.decisions), len(self._due) * len(self._asks))

    def _failed(self, error: TradingError, now: datetime) -> None:
        self.failures.append((now, error))
        if not isinstance(error, ModelUnavailable):
            return
        self._silent += 1
        if not self.decisions or self._silent >= MOST_SILENT:
            # With the first question nothing is lost yet, and it is the settings that are wrong.
            raise error

    def _new(self) -> list[OrderRecord]:
        """The orders that this question brought, also where its answer failed later."""
        orders = self._desk.journal.read().orders
        fresh = list(islice(orders.values(), self._count, None))
        self._count = len(orders)
        return fresh


def _decision(
    question: str, now: datetime, turn: Turn, records: Sequence[OrderRecord]
) -> dict[str, Any]:
    """One moment as a person reads it, in plain values.

    ``said`` is what each agent wrote, cut short, ``answer`` the last of these; ``text_hash`` is
    over the whole answer.
    """
    answer = turn.answer or {}
    said = [
        {"agent": one["agent"], "text": _cut(str(one["text"]), LONGEST_ANSWER)}
        for one in answer.get("sections", ())
    ]
    whole = str(answer.get("answer", ""))
    return {
        "at": now.isoformat(),
        "asked": question,
        "answer": said[-1]["text"] if said else "",
        "said": said,
        "text_hash": hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest(),
        "tools": [dict(one) for one in turn.tools],
        "figures": [
            {
                "id": one["id"],
                "shown": _cut(str(one["shown"]), LONGEST_FIGURE),
                "from": f"{one['call']}:{one['path']}",
            }
            for one in answer.get("figures", ())
        ],
        "citations": [one["id"] for one in answer.get("citations", ())],
        "withheld": int(answer.get("withheld", 0)) + len(answer.get("unsupported", ())),
        "orders": [
            {
                "id": one.id,
                "order": one.order.describe(),
                "verdict": str(one.verdict),
                "refused_by": [reason.code for reason in one.reasons if reason.hard],
            }
            for one in records
        ],
        "error": "" if turn.error is None else str(turn.error),
    }


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
