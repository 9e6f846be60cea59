"""The seat at the desk from which the agents are asked, with all that is opened for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from app.past.asking import AskingTrader, Standing
from app.past.decider import Decider, program
from app.past.decision import Turn
from app.past.instruction import Instructions, chosen
from app.past.outlook import after_the_first, ahead
from app.past.session import PastSession, opened
from app.past.unfinished import Unfinished
from app.past.wanted import Hearer
from tools.backtest.context import Context
from tools.backtest.loading import Found
from tools.backtest.request import Request
from tools.backtest.strategy import Strategy
from tools.backtest.tape import Tape
from tools.backtest.trading import Trader
from tools.desk import Desk
from tools.domain.instrument import Instrument
from tools.market_data.columns import Times, nanoseconds
from tools.settings import Settings

if TYPE_CHECKING:
    from rag_index.known import KnownIndex

NAME = "agents"
HASH = 16  # hexadecimal digits that are enough to tell two apart


class Seat:
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
        """The passages that the agents may find, opened at the first call."""
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
        """The agents in the place of a strategy, whatever its name."""
        return Found(NAME, Standing, "", program())

    def trader(
        self,
        desk: Desk,
        found: Found,
        strategy: Strategy,
        listed: Mapping[str, Instrument],
        context: Context,
    ) -> Trader:
        """Who asks them at each moment that is due; says first what is ahead."""
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
        """One question as of a moment; after the first it says how long the others may take."""
        recording, made = self.decider.recording, cast("AskingTrader", self.made)
        before = (0, 0) if recording is None else (recording.requests, recording.tokens)
        turn = cast("PastSession", self._session).ask(question, session, moment)
        first = len(made.decisions) == cast("Unfinished", self._unfinished).begun_with
        if first and recording is not None:
            self._say(after_the_first(made.questions - len(made.decisions) - 1, recording, before))
        return turn

    def propose(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """Orders of an earlier run's answer, through the desk and its gate again."""
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
