"""A run of the agents over the past, from what was asked to an ordinary result of a backtest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from app.past.decider import choose_decider
from app.past.instruction import read_instructions, read_step
from app.past.seat import HASH, NAME, Seat
from app.past.telling import told
from app.past.wanted import NOBODY, Hearer, Wanted
from tools.backtest.request import Request
from tools.backtest.result import Result
from tools.domain.errors import InputError
from tools.settings import Settings

if TYPE_CHECKING:
    from rag_index.known import KnownIndex
    from tools.ports import MarketData

MOST_EVER = 10_000_000


def play(
    settings: Settings,
    market: MarketData,
    index: Callable[[], KnownIndex],
    wanted: Wanted,
    hearer: Hearer = NOBODY,
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
        seat = Seat(settings, request, asked, step, decider, index, hearer, stack)
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
        result = told(backtester.run(request), seat, passages)
        hearer.keep(result)
        unfinished.end()
        return result
