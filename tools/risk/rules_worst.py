"""The worst prices of an order, for the desk, which tells them to the venue and keeps them."""

from __future__ import annotations

from decimal import Decimal, localcontext

from tools.risk.bounds import ARITHMETIC, Incomplete, bound_of
from tools.risk.case import Case
from tools.risk.facts import facts_of


def fill_bound(case: Case) -> Decimal:
    """The price that no fill of this order may be worse than, in the listing's currency.

    ``tools.risk.bounds.bound_of`` says which one each type of order has. Raises for a case that the
    gate refuses.
    """
    with localcontext(ARITHMETIC):
        if case.market is None or case.limits is None:
            raise Incomplete
        return bound_of(case.order, case.market, case.limits.held_to(case.order))


def value_price(case: Case) -> Decimal:
    """The highest price that a share of this order may stand for; ``Facts.price``.

    In the listing's currency. Raises for a case that the gate refuses.
    """
    with localcontext(ARITHMETIC):
        return facts_of(case).price
