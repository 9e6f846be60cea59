"""How fast the gate decides: one order after another on 500 positions and 100 open orders.

``python -m evals.gate`` prints microseconds. "Warm" is on a Snapshot that an order was judged on
before; "after a fill" on a new one, of which one position is another; "cold" on one with no row
that was ever seen. "Desk" is the desk's whole judgement after a fill: counting, the account, the
verdict and what is journalled of it. The percentiles are of the wall clock, for which other
programs on the machine count too; "cpu" is the median of the thread's own
time and "least" its smallest, which those others slow the least.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from evals.gate_desk import judgements
from evals.gate_market import HEALTHY, NOW, OPEN, POSITIONS, SYMBOLS, TODAY, quote, wish
from tools.domain.instrument import AssetClass
from tools.domain.order import Order, OrderGroup, OrderType, Side, TimeInForce
from tools.domain.portfolio import Activity, OpenOrder, Position, RecentOrder, Snapshot
from tools.domain.venue import Accepts
from tools.domain.verdict import Approved
from tools.execution.codec import order_from, to_plain
from tools.risk.case import Case, Source
from tools.risk.gate import decide
from tools.risk.limits import Limits, load_limits
from tools.risk.mode import Mode

D = Decimal


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of one kind of run, and of its own time two, in microseconds."""

    what: str
    p50: float
    p99: float
    p999: float
    cpu: float
    least: float
    runs: int


def account() -> Snapshot:
    """10 million in 500 positions, half of it cash, with 100 open orders and 20 recent ones."""
    positions = tuple(
        Position(symbol, D(100), D(90), D(0), D(100), NOW, asset_class=AssetClass.EQUITY)
        for symbol in SYMBOLS
    )
    waiting = tuple(
        OpenOrder(f"o{n}", SYMBOLS[n], Side.BUY, D(10), D(100), D(100)) for n in range(OPEN)
    )
    recent = tuple(
        RecentOrder(f"r{n}", SYMBOLS[n], Side.BUY, D(10), D(100), "", timedelta(seconds=9))
        for n in range(20)
    )
    return Snapshot(
        "bench", NOW, "USD", D(5_000_000), D(0), positions, open_orders=waiting, recent=recent
    )


def orders(count: int) -> list[dict[str, Any]]:
    """Limit and market orders in turn, each another one, as the journal holds them."""
    return [
        to_plain(wish(str(n), SYMBOLS[n % POSITIONS], 1 + n % 20, limited=bool(n % 2)))
        for n in range(count)
    ]


def limits() -> Limits:
    """The active limits, wide enough that each order passes every check to its end."""
    return replace(load_limits("active"), max_open_per_account=1000, max_day_value=D("1e9"))


def case(order: Order, held: Snapshot, by: Limits) -> Case:
    """A case that is let through."""
    return Case(
        order,
        held,
        quote(order.symbol),
        by,
        Mode.ACTIVE,
        NOW,
        wall=NOW,
        today=TODAY,
        accepts=TAKEN,
        source=FROM,
        health=HEALTHY,
        activity=Activity(D(10_000_000), D(10_000_000)),
    )


# What a desk has once, and not anew for each order.
FROM = Source("agent:execution", "bench", "paper", live=False)
TAKEN = (
    Accepts(
        AssetClass.EQUITY,
        frozenset(OrderType),
        frozenset(TimeInForce),
        frozenset(OrderGroup),
    ),
)


def measure(runs: int = 20_000, cold_runs: int = 300) -> tuple[Latency, ...]:
    """Each kind of run; each verdict an approval."""
    held, by = account(), limits()
    rows = orders(runs)
    read = [order_from(row) for row in rows]
    cases = [case(order, held, by) for order in read]
    filled = [case(order, _filled(held, n), by) for n, order in enumerate(read[:cold_runs])]
    fresh = [case(order, _anew(held), by) for order in read[:cold_runs]]
    judged = judgements(by, TAKEN)

    def decoded(n: int) -> object:
        return decide(replace(cases[n], order=order_from(rows[n])))

    return (
        _timed("warm: all rules and digest", lambda n: decide(cases[n]), runs, 500),
        _timed("warm: order decoded, all rules and digest", decoded, runs, 500),
        _timed("after a fill: the account added up again", lambda n: decide(filled[n]), cold_runs),
        _timed("cold: an account never seen before", lambda n: decide(fresh[n]), cold_runs),
        _timed("desk: the whole judgement after a fill", lambda n: next(judged).verdict, cold_runs),
    )


def _filled(held: Snapshot, n: int) -> Snapshot:
    """The account after one more fill, its other rows the very same objects."""
    at = n % POSITIONS
    rows = list(held.positions)
    rows[at] = replace(rows[at], quantity=rows[at].quantity + 1)
    return replace(held, positions=tuple(rows))


def _anew(held: Snapshot) -> Snapshot:
    """The same account, every row of it another object."""
    return replace(
        held,
        positions=tuple(map(replace, held.positions)),
        open_orders=tuple(map(replace, held.open_orders)),
        recent=tuple(map(replace, held.recent)),
    )


def _timed(what: str, run: Callable[[int], object], runs: int, before: int = 0) -> Latency:
    """``before`` is how many of the runs don't count; no case is judged twice."""
    taken, own = [], []
    for n in range(before):
        run(n)
    gc.collect()
    gc.freeze()  # the cases made ready are no garbage of the gate's
    for n in range(before, runs):
        cpu, started = time.thread_time_ns(), time.perf_counter_ns()
        verdict = run(n)
        taken.append(time.perf_counter_ns() - started)
        own.append(time.thread_time_ns() - cpu)
        if not isinstance(verdict, Approved):
            raise AssertionError(verdict)
    taken.sort()
    own.sort()
    p50, p99, p999 = (_at(taken, share) for share in (0.5, 0.99, 0.999))
    return Latency(what, p50, p99, p999, _at(own, 0.5), _at(own, 0), len(own))


def _at(taken: Sequence[int], share: float) -> float:
    return taken[min(int(len(taken) * share), len(taken) - 1)] / 1000


def main() -> None:
    """Print a line for each kind of run."""
    for row in measure():
        sys.stdout.write(
            f"{row.what:45} p50 {row.p50:8.1f}  p99 {row.p99:8.1f}  p99.9 {row.p999:8.1f} "
            f"cpu {row.cpu:8.1f}  least {row.least:8.1f} us ({row.runs} runs)\n"
        )


if __name__ == "__main__":
    main()
