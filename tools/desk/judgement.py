"""A verdict with what it is journalled with, and how it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tools.desk.journal import Page
from tools.domain.making import quickly_made
from tools.domain.verdict import Approved, NeedsHuman, Verdict
from tools.execution.codec import Written, canonical
from tools.execution.kinds import Kind
from tools.execution.told import briefly
from tools.risk.kept import Kept

# Parts of a verdict's inputs that are often the very same objects in the next one.
LASTING = ("accepts", "health", "market", "source")
_text_of = Kept(canonical, most=16)


@quickly_made
@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the events that it is journalled with; ``collar`` is None when unknown.

    ``value`` is the most money the order may move, in the account's currency; ``day`` the name of
    the day that it counts to.
    """

    verdict: Verdict
    name: str
    events: tuple[tuple[Kind, str, Mapping[str, object]], ...]
    collar: Decimal | None
    value: Decimal | None
    day: str

    def write(self, page: Page) -> None:
        """Journal it, with what it stands on; of the account what changed since the last one."""
        for kind, key, data in self.events:
            brief = kind is Kind.VERDICT
            page.write(kind, key, _brief(page, data) if brief else data)


def _brief(page: Page, data: Mapping[str, object]) -> Mapping[str, object]:
    inputs: Any = data["inputs"]
    account = inputs["account"]
    brief = briefly(account, page.told(account["account"]))
    known = {name: _text_of(inputs[name]) for name in LASTING}
    if brief is account:
        known["account"] = _text_of(account)
    told = Written({**inputs, "account": brief}, known)
    return Written({**data, "inputs": told}, {"inputs": canonical(told)})


def verdict_name(verdict: Verdict) -> str:
    """approved, needs_human or refused."""
    if isinstance(verdict, Approved):
        return "approved"
    return "needs_human" if isinstance(verdict, NeedsHuman) else "refused"
