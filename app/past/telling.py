"""The result of a run of the agents: what they decided, who decided, and what could be known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from app.past.asking import AskingTrader
from app.past.seat import HASH, Seat
from tools.backtest.finding import Finding
from tools.backtest.result import Result
from tools.domain.errors import ModelUnavailable, TradingError

if TYPE_CHECKING:
    from rag_index.known import KnownIndex

DATE = re.compile(r"\d{4}-\d\d-\d\d")
RANKS = (
    "The knowledge index is too large for memory or lies in a server: passages known later were "
    "left out, but their words still counted for the ranks of the others."
)


def told(result: Result, seat: Seat, passages: KnownIndex) -> Result:
    """The result with its decisions, who made them, and what they could have known."""
    made, decider = cast("AskingTrader", seat.made), seat.decider
    recording = decider.recording
    params = {**result.record.params, "recording": recording.hash[:HASH] if recording else ""}
    record = replace(result.record, params=params)
    days = sorted({datetime.fromisoformat(one["at"]).date() for one in made.decisions})
    who = decider.told(days) | {"unanswered": sum(bool(one["error"]) for one in made.decisions)}
    findings = [
        Finding("decider", "", "", who["note"]),
        *_failures(made.failures),
        *([] if passages.exact else [Finding("ranks", "", "", RANKS)]),
    ]
    kept = [one for one in result.document["findings"] if one["kind"] != "no orders"]
    if not any(one["orders"] for one in made.decisions):
        said = f"Asked {len(made.decisions)} times, the agents never proposed an order."
        findings.append(Finding("no orders", "", "", said))
    document = result.document | {
        "id": record.id,
        "record": record.plain(),
        "decider": who,
        "decisions": made.ended(),
        "findings": [asdict(one) for one in findings] + kept,
    }
    whole = Result(record, document)
    document["hash"] = whole.hash
    return whole


def _failures(failures: Sequence[tuple[datetime, TradingError]]) -> Iterator[Finding]:
    """One finding for each sentence but its dates, at the first moment it was told."""
    first: dict[str, tuple[datetime, TradingError]] = {}
    counts = Counter[str]()
    for at, error in failures:
        said = DATE.sub("", str(error))
        first.setdefault(said, (at, error))
        counts[said] += 1
    for key, (at, error) in first.items():
        silent = isinstance(error, ModelUnavailable)
        who = "The model gave no answer" if silent else "The agents could not answer"
        many = f", {counts[key]} times in all" if counts[key] > 1 else ""
        said = f"{who} on {at:%Y-%m-%d %H:%M} UTC{many}: {error}"
        yield Finding("no answer", f"{at:%Y-%m-%d %H:%M}", "", said)
