"""The record of a run: all that its result follows from."""

from __future__ import annotations

from tools.backtest.loading import Found
from tools.backtest.playing import Player
from tools.backtest.policy import APPROVED_BY
from tools.backtest.request import Record, Request
from tools.backtest.strategy import Strategy, parameters
from tools.backtest.tape import Tape
from tools.desk.program import build
from tools.market_data.columns import moment_of
from tools.risk.limits import Limits


def record_of(
    request: Request,
    found: Found,
    strategy: Strategy,
    tape: Tape,
    limits: Limits,
    player: Player,
    currency: str,
) -> Record:
    """What was asked for, and of which prices, limits and program; from first moment to last."""
    return Record(
        strategy=found.name,
        file=found.file,
        source=found.hash,
        params=parameters(strategy),
        symbols=tuple(tape.series),
        on=str(request.on),
        timeframe="each" if tape.timeframe is None else str(tape.timeframe),
        start=moment_of(int(player.moments[0])).isoformat(),
        end=moment_of(int(player.moments[-1])).isoformat(),
        bars=len(player.moments),
        cash=request.cash,
        currency=currency,
        costs=request.costs.plain(),
        delisted=request.delisted,
        limits=limits.name,
        limits_hash=limits.hash,
        data=tape.hash,
        feeds={symbol: one.feed for symbol, one in {**tape.series, **tape.pairs}.items()},
        code=build(),
        seed=request.seed,
        approvals=APPROVED_BY,
    )
