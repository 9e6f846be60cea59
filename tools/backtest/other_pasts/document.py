"""Monte Carlo of a kept run as a document of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.backtest.fast.monte_carlo import MOST
from tools.backtest.other_pasts.assumptions import CHOSEN, OF_WHAT_WAS_SEEN
from tools.backtest.other_pasts.blocks import RULE, block_length
from tools.backtest.other_pasts.drawing_lots import (
    LEAST_TRADES,
    order_of_trades,
    returns_in_blocks,
    trades_drawn,
)
from tools.backtest.other_pasts.near import Noise, Told, near_parameters
from tools.backtest.other_pasts.redrawn import redrawn_markets
from tools.backtest.other_pasts.seen import seen_in
from tools.backtest.other_pasts.way import Way
from tools.backtest.report.shapes import Run, shaped
from tools.backtest.running import Backtester
from tools.desk.program import build
from tools.domain.errors import InputError

FORMAT, KIND = 1, "monte-carlo"
MOST_PATHS = 1_000_000
LEAST_PATHS = 100
WARNINGS = (OF_WHAT_WAS_SEEN, CHOSEN)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to draw; ``block`` None for the length that the rule gives.

    ``noise`` and ``markets`` play the strategy again, which takes as long as that.
    """

    paths: int = 10_000
    seed: int = 0
    block: float | None = None
    noise: Noise | None = None
    markets: int = 0

    def __post_init__(self) -> None:
        """Raises InputError for what can't be meant."""
        if not LEAST_PATHS <= self.paths <= MOST_PATHS:
            raise InputError(
                f"Paths must be from {LEAST_PATHS} to {MOST_PATHS:,}, were {self.paths:,}."
            )
        if not 0 <= self.seed <= MOST:
            raise InputError(f"The seed must be from 0 to {MOST}, was {self.seed}.")


def monte_carlo(
    kept: Mapping[str, Any],
    wish: Wish,
    backtester: Backtester | None = None,
    told: Told | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """The document for a kept run; ``backtester`` plays what is played again.

    ``told`` hears how many of these runs are done.

    Raises InputError where there is too little to draw from, StateError for a run that can't be
    read or had again.
    """
    run = shaped(Run, dict(kept))
    seen = seen_in(run)
    block = block_length(seen.returns) if wish.block is None else wish.block
    ways: list[Way | None] = [
        returns_in_blocks(seen, wish.paths, block, wish.seed, threads),
        trades_drawn(seen, wish.paths, wish.seed, threads),
        order_of_trades(seen, wish.paths, wish.seed),
    ]
    if wish.noise is not None and backtester is not None:
        ways.append(near_parameters(run, kept, seen, wish.noise, backtester.run, told))
    if wish.markets and backtester is not None:
        wanted = (wish.markets, block, wish.seed)
        ways.append(redrawn_markets(run, kept, seen, wanted, backtester, told))
    record = {
        "of": run.id,
        "of_hash": run.hash,
        "strategy": run.record.strategy,
        "symbols": run.record.symbols,
        "start": run.record.start,
        "end": run.record.end,
        "cash": seen.cash,
        "currency": run.record.currency,
        "paths": wish.paths,
        "seed": wish.seed,
        "block": block,
        "block_by": RULE if wish.block is None else "told",
        "parameters": wish.noise.count if wish.noise else 0,
        "noise": wish.noise.share if wish.noise else 0.0,
        "markets": wish.markets,
        "code": build(),
    }
    document = {
        "format": FORMAT,
        "kind": KIND,
        "id": _hash(record)[:12],
        "of": run.id,
        "record": record,
        "ways": {way.name: way.plain(seen.cash) for way in ways if way is not None},
        "said": [*WARNINGS, *_missing(ways, len(seen.trades))],
    }
    return document | {"hash": _hash(document)}


def _missing(ways: Sequence[Way | None], trades: int) -> list[str]:
    if None not in ways:
        return []
    return [f"Trades are not drawn: there are {trades} closed ones, and it takes {LEAST_TRADES}."]


def _hash(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
