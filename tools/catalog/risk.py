"""Tools that weigh: get_portfolio, size_position, assess_risk."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from tools.catalog.account import account_report
from tools.catalog.drafting import MARKET_ORDER, Terms, draft, parse_side
from tools.catalog.prices import provenance
from tools.catalog.rendering import cents, fraction, number, reasons, text
from tools.catalog.spec import (
    AsOfArg,
    QuantityArg,
    SideArg,
    SymbolArg,
)
from tools.clock import moment
from tools.desk import Desk
from tools.domain.errors import DataUnavailable
from tools.domain.verdict import Approved, NeedsHuman
from tools.features.prices import adjusted_prices
from tools.indicators.registry import compute, latest
from tools.ports import Clock, MarketData
from tools.risk import measures
from tools.risk.sizing import atr_stop, two_percent

VAR_WINDOW = 250
"""Sessions of returns behind volatility and value at risk: about one year."""


class RiskTools:
    """The account, and what an order would do to it."""

    def __init__(self, market: MarketData, clock: Clock, desk: Desk) -> None:
        """Prices from ``market``, the account from ``desk``."""
        self._market = market
        self._clock = clock
        self._desk = desk

    def get_portfolio(self, as_of: AsOfArg = None) -> dict[str, Any]:
        """The account as it was known at ``as_of``."""
        at = moment(as_of, self._clock) if as_of is not None else None
        return account_report(self._desk, at)

    def size_position(
        self, symbol: SymbolArg, side: SideArg = "buy", as_of: AsOfArg = None
    ) -> dict[str, Any]:
        """The 2 % rule: risk at most 2 % of equity between the entry and a stop two ATRs away."""
        at = moment(as_of, self._clock)
        way = parse_side(side)
        history = self._market.history(symbol, at)
        quote = self._market.quote(symbol, at)
        atr = number(latest(compute(adjusted_prices(history), ("atr",)))["atr_14"], 4)
        if atr is None:
            raise DataUnavailable(
                f"{history.symbol} has {len(history.bars)} bars as of {at:%Y-%m-%d}; sizing by "
                f"average true range needs at least 15. Ask as of a later date."
            )
        account = self._desk.proposals.snapshot(at if as_of is not None else None)
        limits = self._desk.limits
        entry = quote.ask if way.sign > 0 else quote.bid
        stop = atr_stop(entry, Decimal(str(atr)), side=way)
        equity = account.equity
        if equity is None:
            raise DataUnavailable("the account can't be valued: a holding has no price")
        sizing = two_percent(
            equity,
            account.cash - account.reserved,
            entry,
            stop,
            max_fraction=min(limits.max_order_equity, limits.max_concentration),
            lot=self._market.instrument(symbol).lot,
        )
        return provenance(history) | {
            "side": way,
            "entry": text(entry),
            "atr": atr,
            "stop": cents(stop),
            "equity": cents(equity),
            "quantity": text(sizing.quantity),
            "risk_per_share": cents(sizing.risk_per_share),
            "risk_amount": cents(sizing.risk_amount),
            "notional": cents(sizing.notional),
            "bound_by": sizing.bound_by,
            "sentence": sizing.sentence,
        }

    def assess_risk(
        self,
        symbol: SymbolArg,
        side: SideArg,
        quantity: QuantityArg,
        terms: Terms = MARKET_ORDER,
        as_of: AsOfArg = None,
    ) -> dict[str, Any]:
        """Weight, cash and one-day loss after the order, and the gate's word, unproposed."""
        order = draft(
            self._market,
            self._clock,
            self._desk.account,
            principal="preview",
            symbol=symbol,
            side=side,
            quantity=quantity,
            terms=terms,
            as_of=as_of,
        )
        history = self._market.history(order.symbol, order.as_of)
        quote = self._market.quote(order.symbol, order.as_of)
        # The picture is as of the moment asked; the gate counts whatever the account holds today.
        account = self._desk.proposals.snapshot(order.as_of if as_of is not None else None)
        verdict = self._desk.proposals.preview(order)
        price = (
            order.limit_price
            or order.stop_price
            or (quote.ask if order.side.sign > 0 else quote.bid)
        )
        value = order.quantity * price
        held = account.held(order.symbol)
        after = held + order.side.sign * order.quantity
        prices = adjusted_prices(history)
        try:
            returns = measures.daily_returns(prices.close)[-VAR_WINDOW:]
            loss = measures.historical_var(returns)
            volatility = measures.annualised_volatility(returns)
            average_volume = measures.average_volume(prices.volume)
        except DataUnavailable:
            # Too few bars to measure: the figures are missing, the gate still decides.
            loss = volatility = average_volume = float("nan")
        return provenance(history) | {
            "side": order.side,
            "quantity": text(order.quantity),
            "price": text(price),
            "order_value": cents(value),
            "equity": cents(account.equity),
            "cash_after": cents(account.cash - order.side.sign * value),
            "held_before": text(held),
            "held_after": text(after),
            "weight_of_order": fraction(value, account.equity),
            "weight_before": fraction(held * quote.mid, account.equity),
            "weight_after": fraction(after * quote.mid, account.equity),
            "volatility": number(volatility, 4),
            "var_95_one_day": number(loss, 4),
            "var_95_amount": number(loss * float(abs(after) * quote.mid), 2),
            "share_of_daily_volume": number(float(order.quantity) / (average_volume or math.nan)),
            "verdict": "approved"
            if isinstance(verdict, Approved)
            else "needs_human"
            if isinstance(verdict, NeedsHuman)
            else "refused",
            "reasons": reasons(verdict.reasons),
        }
