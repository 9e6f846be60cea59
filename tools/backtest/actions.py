"""The splits and dividends of a run, known before it begins and told when they happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tools.domain.actions import CorporateAction


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
