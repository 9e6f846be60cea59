"""Decide again what was decided: the journal's verdicts from their own inputs, or any one case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tools.desk.judgement import verdict_name
from tools.domain.errors import InputError, StateError
from tools.domain.order import Order
from tools.domain.verdict import Verdict
from tools.execution.codec import canonical, order_from, to_plain
from tools.execution.kinds import Kind
from tools.execution.told import Told, heard, whole
from tools.ports import Event
from tools.risk.case import Case
from tools.risk.case_codec import case_from_journal, limits_from
from tools.risk.gate import decide
from tools.risk.limits import Limits

BEGINS = frozenset({Kind.PROPOSED, Kind.LEG, Kind.EXTERNAL})


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of the verdict in event ``seq``."""

    seq: int
    order_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of deciding again; ``verdicts`` counts all, ``same`` those equal to the byte.

    ``differences`` also are those on an account that the journal lost: that is damage.
    ``unreplayable`` are those whose event lacks an input, mostly of an older version.
    """

    verdicts: int
    same: int
    differences: tuple[Finding, ...]
    unreplayable: tuple[Finding, ...]


def decide_again(case: Case) -> Verdict:
    """The gate's verdict on a case of the past or of a file; nothing is sent or written."""
    return decide(case)


def replay(events: Iterable[Event]) -> Replay:
    """Decide every recorded verdict again and compare digest, hash of the limits and reasons.

    ``events`` are all of a journal, oldest first: a verdict may tell only what changed since
    another.
    """
    orders: dict[str, Order] = {}
    limits: dict[str, Limits] = {}
    accounts = Accounts()
    verdicts = same = 0
    differences: list[Finding] = []
    missing: list[Finding] = []
    for event in events:
        if event.kind in BEGINS and "order" in event.data:
            orders[event.order_id] = order_from(event.data["order"])  # type: ignore[arg-type]
        elif event.kind == Kind.LIMITS:
            _remember(event, limits)
        elif event.kind == Kind.VERDICT:
            verdicts += 1
            try:
                inputs = accounts.inputs(event)
            except StateError as error:
                differences.append(Finding(event.seq, event.order_id, str(error)))
                continue
            try:
                case = _case(event, inputs, orders, limits)
            except (InputError, StateError) as error:
                missing.append(Finding(event.seq, event.order_id, str(error)))
                continue
            wrong = _compare(event, decide_again(case))
            if wrong:
                differences.append(Finding(event.seq, event.order_id, wrong))
            else:
                same += 1
    return Replay(verdicts, same, tuple(differences), tuple(missing))


class Accounts:
    """What verdicts in a row told of the accounts that they were given on."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._told: dict[str, Told | None] = {}

    def inputs(self, event: Event) -> Any:
        """A verdict's inputs with the account whole; ask of each verdict, in the journal's order.

        Raises StateError when the account is told as the change of one that is not there.
        """
        inputs: Any = event.data.get("inputs")
        said = inputs.get("account") if isinstance(inputs, Mapping) else None
        if not isinstance(said, Mapping):
            return inputs
        name = str(said.get("account"))
        before, self._told[name] = self._told.get(name), None
        account = whole(said, before)
        self._told[name] = heard(said, before, event.hash)
        return {**inputs, "account": account}


def _remember(event: Event, limits: dict[str, Limits]) -> None:
    try:
        found = limits_from(str(event.data["limits"]))
    except (KeyError, InputError):
        return  # the verdicts under them are told as not replayable
    if found.hash == event.data.get("hash"):
        limits[found.hash] = found


def _case(event: Event, inputs: Any, orders: dict[str, Order], limits: dict[str, Limits]) -> Case:
    order = orders.get(event.order_id)
    held = limits.get(str(event.data.get("limits_hash")))
    if order is None:
        raise InputError("the journal doesn't hold the order of this decision")
    if not isinstance(inputs, dict):
        raise InputError("the journal doesn't hold the inputs of this decision")
    if held is None:
        raise InputError("the journal doesn't hold the limits of this decision")
    return case_from_journal(order, inputs, held)


def _compare(event: Event, verdict: Verdict) -> str:
    """What differs, empty when nothing does; the reasons are compared as bytes."""
    now = {
        "verdict": verdict_name(verdict),
        "digest": verdict.digest,
        "limits_hash": verdict.limits_hash,
        "reasons": to_plain(verdict.reasons),
    }
    for key, value in now.items():
        was = event.data.get(key)
        if canonical(was) != canonical(value):
            return f"{key} was {canonical(was)[:300]} and is now {canonical(value)[:300]}"
    return ""
