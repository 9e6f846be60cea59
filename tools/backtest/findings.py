"""What a person should know of what a strategy wanted, and of what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tools.backtest.finding import Finding
from tools.backtest.trading import Refusal
from tools.desk import Desk
from tools.domain.order import OrderState
from tools.market_data.columns import Times, moment_of

SPLIT = "split on "


def done(
    desk: Desk, moments: Times, refusals: Sequence[Refusal], small: Sequence[Refusal]
) -> Iterator[Finding]:
    """What became of the orders of a run that has ended; ``small`` were for less than a lot."""
    book = desk.journal.read()
    if not book.orders and not refusals:
        yield _nothing(small)
    elif not book.of(desk.account).fills:
        yield Finding("no fills", "", "", "Nothing was ever filled, so the account never moved.")
    for why in book.trips:
        said = f"The desk halted, as it would live, and refused all that came after: {why}"
        yield Finding("halted", "", "", said)
    yield from _refused(refusals)
    last = moment_of(int(moments[-1]))
    late = [
        record
        for record in book.orders.values()
        if record.order.as_of == last and record.verdict != "refused" and not record.fills
    ]
    if late:
        yield Finding(
            "last bar",
            f"{last:%Y-%m-%d %H:%M}",
            late[0].order.symbol,
            f"{len(late)} orders were decided on the last bar; no bar comes after to meet them.",
        )
    split = [r for r in book.orders.values() if r.state is OrderState.CANCELED and SPLIT in r.note]
    if split:
        said = f"{len(split)} orders rested over a split, which ended them: first {split[0].note}."
        yield Finding("split", "", split[0].order.symbol, said)
    rejected = [r for r in book.orders.values() if r.state is OrderState.REJECTED]
    if rejected:
        note = rejected[0].note
        said = f"The venue rejected {len(rejected)} orders, first {rejected[0].order.describe()}: "
        yield Finding("rejected", "", rejected[0].order.symbol, said + note)


def _nothing(small: Sequence[Refusal]) -> Finding:
    if not small:
        return Finding("no orders", "", "", "The strategy never wanted to trade.")
    first, count = small[0], len(small)
    wishes = "The only wish was" if count == 1 else f"All {count:,} wishes were"
    at = f"{first.at:%Y-%m-%d %H:%M}"
    said = f"{wishes} for less than one lot, first on the bar of {at} UTC ({first.order}): "
    more = "nothing could be ordered. Begin with more cash."
    return Finding("no orders", at, first.symbol, said + more)


def _refused(refusals: Sequence[Refusal]) -> Iterator[Finding]:
    """One finding for each code of the gate, with the first order that it was against."""
    first: dict[str, tuple[Refusal, str]] = {}
    counts = Counter[str]()
    for refusal in refusals:
        for code, sentence in dict(reversed(refusal.reasons)).items():
            first.setdefault(code, (refusal, sentence))
            counts[code] += 1
    for code, count in counts.most_common():
        refusal, sentence = first[code]
        at = f"{refusal.at:%Y-%m-%d %H:%M}"
        bar = f"first on the bar of {at} UTC ({refusal.order}): {sentence}"
        who = f"The gate refused {count} orders by {code}" if code else f"{count} wishes were odd"
        yield Finding("refused" if code else "odd wish", at, refusal.symbol, f"{who}, {bar}")
