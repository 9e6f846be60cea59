"""The splits and dividends of a run, known before it begins and told when they happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from tools.backtest.series import RATIO, Series
from tools.domain.actions import CorporateAction, StockSplit
from tools.domain.errors import DataUnavailable
from tools.market_data.columns import nanoseconds
from tools.market_data.sessions import extended_on, trading_day


class KnownActions:
    """Implements ``tools.ports.CorporateActions`` over a list for each symbol, oldest first."""

    def __init__(self, known: Mapping[str, Sequence[CorporateAction]]) -> None:
        """Symbols that are not in ``known`` have none."""
        self._known = {symbol: tuple(actions) for symbol, actions in known.items()}

    def actions(self, symbol: str, after: datetime, until: datetime) -> Sequence[CorporateAction]:
        """Those with an ex-moment above ``after`` and up to ``until``, oldest first."""
        known = self._known.get(symbol, ())
        return [action for action in known if after < action.ex <= until] if known else ()

    def moments(self) -> tuple[datetime, ...]:
        """Every ex-moment."""
        return tuple(sorted({a.ex for actions in self._known.values() for a in actions}))

    def of(self, symbol: str) -> Sequence[CorporateAction]:
        """All of one symbol."""
        return self._known.get(symbol, ())


def at_first_trade(action: CorporateAction, calendar: str) -> CorporateAction:
    """The same from the first trade of its day on, hours before the session included."""
    try:
        hours = extended_on(calendar, trading_day(calendar, action.ex))
    except DataUnavailable:
        return action
    return action if hours is None else replace(action, ex=min(hours[0], action.ex))


def free_of_splits(series: Series, actions: Sequence[CorporateAction]) -> Series:
    """Bars within a session with the ratio that makes those before a split comparable."""
    ratio = np.ones(len(series))
    for action in actions:
        if isinstance(action, StockSplit):
            ratio[np.searchsorted(series.opened, nanoseconds(action.ex)) :] *= float(action.ratio)
    values = series.values.copy()
    values[:, RATIO] = ratio
    return replace(series, values=values)
