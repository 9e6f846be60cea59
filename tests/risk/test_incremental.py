"""What the gate remembers of an account changes no verdict, however the account came about."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles import END, account, case, order
from tests.risk.cases import WIDE
from tools.domain.instrument import AssetClass
from tools.domain.order import OrderType, Side
from tools.domain.portfolio import OpenOrder, Position, Snapshot
from tools.risk.bounds import ARITHMETIC
from tools.risk.gate import decide
from tools.risk.holdings import SIZE
from tools.risk.kept import Kept, each
from tools.risk.plainly import to_plain
from tools.risk.totals import Totals, equity_of

D = Decimal
SYMBOLS = ("IBM", *(f"S{n:02}" for n in range(2 * SIZE)))
symbols = st.sampled_from(SYMBOLS)
sides = st.sampled_from(Side)
amounts = st.decimals("0.0001", "400", places=4)
limits = replace(
    WIDE,
    max_concentration=D("0.9"),
    max_gross=D(2),
    max_net=D("1.5"),
    max_sector=D(1),
    max_class=D("1.2"),
    sectors=tuple((symbol, f"sector{n % 3}") for n, symbol in enumerate(SYMBOLS) if n % 4),
)
classes = st.sampled_from([None, AssetClass.EQUITY, AssetClass.CRYPTO])
changes = st.one_of(
    st.tuples(st.just("fill"), symbols, st.decimals("-300", "300", places=2)),
    st.tuples(st.just("mark"), symbols, st.none() | amounts),
    st.tuples(st.just("class"), symbols, classes),
    st.tuples(st.just("open"), symbols, st.tuples(sides, amounts, st.sampled_from(["", "g"]))),
    st.tuples(st.just("close"), symbols, st.none()),
    st.tuples(st.just("cash"), symbols, st.decimals("-9999", "9999", places=2)),
    st.tuples(st.just("odd"), symbols, st.none()),
    st.tuples(st.just("mend"), symbols, st.none()),
)


def changed(held: Snapshot, what: str, symbol: str, value: object, n: int) -> Snapshot:
    """The next Snapshot; rows that nothing happened to are the very same objects."""
    rows = {p.symbol: p for p in held.positions}
    if what == "cash":
        return replace(held, cash=held.cash + value)
    if what == "open":
        side, leaves, group = value
        new = OpenOrder(f"o{n}", symbol, side, leaves, D(100), group=group, type=OrderType.STOP)
        return replace(held, open_orders=(*held.open_orders, new))
    if what == "close":
        left = tuple(o for o in held.open_orders if o.symbol != symbol)
        return replace(held, open_orders=left)
    p = rows.get(symbol, Position(symbol, D(0), D(1), D(0), D(100), END))
    match what:
        case "fill":
            p = replace(p, quantity=p.quantity + value)
        case "mark":
            p = replace(p, mark=value)
        case "class":
            p = replace(p, asset_class=value)
        case "odd":
            p = replace(p, average_cost=D("NaN"))
        case "mend":
            p = replace(p, average_cost=D(1))
    rows[symbol] = p
    return replace(held, positions=tuple(rows[s] for s in sorted(rows)))


def anew(held: Snapshot) -> Snapshot:
    """The same account, no row of it an object that was ever seen."""
    return replace(
        held,
        positions=tuple(map(replace, held.positions)),
        open_orders=tuple(map(replace, held.open_orders)),
        recent=tuple(map(replace, held.recent)),
        balances=tuple(map(replace, held.balances)),
    )


def sums(held: Snapshot) -> list[object]:
    """All that an account adds up to, as the gate reckons."""
    with localcontext(ARITHMETIC):
        return list(_sums(held))


def _sums(held: Snapshot) -> Iterator[object]:
    found = Totals(held)
    yield found.problems
    if not found.problems:
        yield found.equity, found.unpriced, found.reserved, found.oldest, found.undated
        yield found.positions, found.by_id, found.orders, found.recent, found.fees(limits)
        yield {symbol: found.tally(symbol) for symbol in SYMBOLS}
        if found.equity is not None:
            yield {symbol: found.sides(symbol) for symbol in SYMBOLS}
            yield found.gross, found.longest, found.shortest
            yield found.classes, found.sectors(limits)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, min_size=1, max_size=25), sides, amounts, symbols)
def test_after_a_chain_of_changes_all_is_as_if_worked_out_from_nothing(chain, side, amount, symbol):
    held = account(cash=D(20_000), open_orders=(), positions=())
    start = tuple(Position(s, D(5), D(1), D(0), D(100), END) for s in SYMBOLS)
    for n, (what, where, value) in enumerate(chain):
        held = changed(replace(held, positions=held.positions or start), what, where, value, n)
        assert sums(held) == sums(anew(held))
        wish = order("w", quantity=str(amount), side=side, symbol="IBM")
        c = case(wish, account=held, limits=limits)
        verdict = decide(c)
        assert decide(c) == verdict
        assert decide(replace(c, account=anew(held))) == verdict
        assert to_plain(held) == to_plain(anew(held))
        whole = equity_of(held)
        assert whole == held.equity or (whole is not None and whole.is_nan())


def test_the_sums_of_an_odd_account_are_left_to_the_account():
    held = account(open_orders=(OpenOrder("o", "IBM", Side.BUY, D(1), D("NaN")),))
    assert sums(held)[0]
    assert equity_of(held) == held.equity


def test_what_is_kept_is_worked_out_once_and_again_once_it_was_forgotten():
    asked: list[object] = []

    def work(thing: object) -> int:
        asked.append(thing)
        return len(asked)

    kept = Kept(work, most=2)
    first, *others = (object() for _ in range(5))
    assert kept(first) == 1
    assert kept(first) == 1
    kept(others[0])
    kept(others[1])
    assert kept(first) == 1  # it is among the old ones, and so with the new ones again
    kept(others[2])
    assert kept(first) == 1
    for other in others:
        kept(other)
        kept(object())
    before = len(asked)
    assert kept(first) == before + 1


def test_what_was_asked_last_is_as_well_kept_as_the_rest():
    asked: list[object] = []
    kept = Kept(lambda thing: asked.append(thing) or len(asked), most=1)
    first, second = object(), object()
    assert [kept(first), kept(first), kept(second), kept(first), kept(second)] == [1, 1, 2, 1, 2]
    assert kept(None) == 3
    kept.forget()
    assert [kept(second), kept(first)] == [4, 5]


def test_equal_objects_are_not_the_same_and_tuples_are_told_by_what_is_in_them():
    kept = Kept(lambda thing: [thing], key=each)
    one, twin = D("1.5"), D("1.50")
    assert kept((one,)) is kept((one,))
    assert kept((one,)) is not kept((twin,))
    assert kept((one, twin)) is not kept((twin, one))


def test_what_fails_is_not_kept():
    def work(thing: object) -> None:
        raise ValueError("no answer")

    kept = Kept(work)
    thing = object()
    for _ in range(2):
        with pytest.raises(ValueError, match="no answer"):
            kept(thing)
