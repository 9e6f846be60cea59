"""Every input of the gate dropped, spoilt or mistyped, for every kind of order.

``python -m tests.risk.closedness`` runs the whole table; ``test_gate_closed`` a part of it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.risk.cases import ORDERS, rich
from tools.domain.order import Order, Side
from tools.domain.verdict import Refused
from tools.risk.case import Case
from tools.risk.gate import decide

D = Decimal
ODD: tuple[Any, ...] = (
    None, D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity"), D("1e300"), math.nan, math.inf, 1.5,
    "", "x", "buy", object(), [], (), {}, (None,), True, -1, b"1", datetime(2013, 3, 1),  # noqa: DTZ001 - a moment without a zone is the point

    timedelta(days=9),
)  # fmt: skip
# Words for people, and what was checked when the limits were made: nothing is decided on it.
FREE = {
    "order.session", "order.rationale", "market.note", "market.instrument.name",
    "market.instrument.venue", "market.instrument.calendar", "limits.hash", "limits.name",
    "limits._scope", "limits._held", "limits._sector", "source.venue",
}  # fmt: skip
# What None means "unknown" or "none" for, and no order of the kinds below needs to know.
NONE_IS_FINE = {
    "case.approval", "case.latest", "case.reference", "account.buying_power",
    "market.bid_size.reducing", "market.ask_size.reducing", "market.average_volume.reducing",
    "market.band_low", "market.band_high", "market.borrow", "market.located",
    "market.short_restricted", "market.rate", "market.delta", "market.underlying_price",
    "market.liquidation_price", "market.instrument.option", "source.real_money",
    "account.recent.limit_price",
    "account.open_orders.limit_price", "account.positions.asset_class",
    "account.open_orders.asset_class", "health.reconciled_at.reducing",
    "account.positions.marked_at.reducing", "account.positions.mark.reducing",
    "account.balances.rate.reducing", "account.positions.rate.reducing", "order.stop_loss_limit",
}  # fmt: skip
EMPTY_IS_FINE = {
    "account.positions", "account.open_orders", "account.recent", "account.balances",
    "health.differences", "limits.restricted", "limits.allowed", "limits.scopes", "limits.sectors",
    "limits.flags", "market.instrument.flags", "limits.asset_classes.reducing",
}  # fmt: skip
# Names: any text is one, and the wrong one is another case, told apart by the digest of the order.
NAMES = {
    "client_order_id", "strategy", "group", "symbol", "currency", "flags", "name", "title",
    "differences", "leg_of", "approver", "second", "build",
}  # fmt: skip
FLAGS = {
    "waiting", "simulated", "dated", "simulated_venue", "connected", "known", "tradable", "unknown",
    "changing", "live", "extended", "fractional", "short_selling", "extended_hours",
    "short_restricted", "real_money",
}  # fmt: skip
Spoilt = tuple[str, Any, Callable[[], Case]]
"""The path of a field, what is put there, and the case with it."""


def spoil(thing: Any, name: str, value: object) -> Any:
    """A copy with one field replaced behind the back of every check in its constructor."""
    copy = replace(thing)
    object.__setattr__(copy, name, value)
    return copy


def put(c: Case, path: str, part: object) -> Case:
    """The case with one part, however deep, replaced."""
    head, _, rest = path.partition(".")
    if rest:
        part = spoil(getattr(c, head), rest, part)
    spoiled: Case = spoil(c, head, part)
    return spoiled


def spoilt(c: Case) -> Iterator[Spoilt]:
    """Every field of a case and of its parts, with every odd value."""
    for field in fields(c):
        part = getattr(c, field.name)
        for odd in ODD:
            yield f"case.{field.name}", odd, lambda n=field.name, o=odd: spoil(c, n, o)
        if is_dataclass(part):
            yield from _parts(c, field.name, part)


def _parts(c: Case, path: str, part: Any) -> Iterator[Spoilt]:
    for field in fields(part):
        name, value = field.name, getattr(part, field.name)
        for odd in ODD:
            yield f"{path}.{name}", odd, lambda n=name, o=odd: put(c, path, spoil(part, n, o))
        if is_dataclass(value):
            yield from _parts(c, f"{path}.{name}", value)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for row in fields(value[0]):
                for odd in ODD:
                    yield (
                        f"{path}.{name}.{row.name}",
                        odd,
                        lambda n=name, v=value[0], r=row.name, o=odd: put(
                            c, path, spoil(part, n, (spoil(v, r, o),))
                        ),
                    )


def harmless(path: str, odd: Any, wish: Order) -> bool:
    """Whether it is one of the few replacements that leave a sound case, each for a reason."""
    if path in FREE or _same(_was(rich(wish), path), odd):
        return True
    head, _, name = path.rpartition(".")
    reducing = wish.side is Side.SELL
    if odd is None:
        return path in NONE_IS_FINE or (reducing and f"{path}.reducing" in NONE_IS_FINE)
    if type(odd) is str:
        rows = head.startswith(("account.", "limits.")) or head == "account"
        return name in NAMES and (
            rows or name in {"strategy", "leg_of", "approver", "second", "build"}
        )
    if type(odd) is bool:
        return name in FLAGS or (reducing and name == "disabled")
    if type(odd) is timedelta:
        return path == "account.recent.age"
    # An empty list says that there is none.
    empty = type(odd) is tuple and odd == ()
    return empty and (path in EMPTY_IS_FINE or (reducing and f"{path}.reducing" in EMPTY_IS_FINE))


def _was(c: Any, path: str) -> Any:
    """The sound value that stood there; of rows the first one's."""
    for name in path.removeprefix("case.").split("."):
        c = getattr(c, name)
        c = c[0] if isinstance(c, tuple) and c and is_dataclass(c[0]) else c
    return c


def _same(value: Any, odd: Any) -> bool:
    """Whether nothing was changed after all."""
    return type(value) is type(odd) and isinstance(odd, (str, bool, type(None))) and value == odd


def sampled(kind: str, every: int = 1) -> Iterator[Spoilt]:
    """Of each field every ``every``-th odd value, others for the next field and kind of order."""
    rows, shift = spoilt(rich(ORDERS[kind])), list(ORDERS).index(kind)
    for n, row in enumerate(rows):
        field, value = divmod(n, len(ODD))
        if (field + value + shift) % every == 0:
            yield row


def let_through(rows: Iterable[Spoilt], wish: Order) -> Iterator[tuple[str, Any]]:
    """What the gate lets through though it is odd."""
    for path, odd, made in rows:
        if not isinstance(decide(made()), Refused) and not harmless(path, odd, wish):
            yield path, odd


def main() -> None:
    """Run the whole table and print what was let through."""
    found = total = 0
    for kind, wish in ORDERS.items():
        rows = list(sampled(kind))
        wrong = list(let_through(rows, wish))
        found, total = found + len(wrong), total + len(rows)
        sys.stdout.write(f"{kind}: {len(rows)} tried, {len(wrong)} let through {wrong[:9] or ''}\n")
    sys.stdout.write(f"{total} tried, {found} let through\n")
    raise SystemExit(found > 0)


if __name__ == "__main__":
    main()
