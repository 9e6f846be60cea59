"""Accounts in the journal: whole with one verdict, then only as what changed since the last one.

A change names the event that it follows by that event's hash, which is a hash of all before it: so
it can be read against no other account. ``positions`` and ``open_orders`` of a change are lists of
parts in the account's own order: ``[a, b]`` is rows a to b - 1 as they were, ``[n, {...}]`` row n
with these fields changed, and ``{...}`` a new row. Everything else in it is told whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.domain.errors import StateError

Plain = Mapping[str, Any]
# The lists that are told by what changed, and the field that names a row in each.
ROWS = {"positions": "symbol", "open_orders": "client_order_id"}
SINCE = "since"
# With fewer rows the whole is hardly longer than a change.
FEW = 20
# So many times its rows may change before it is told whole again: it costs a fraction of them then,
# and damage ends there.
TIMES = 4


@dataclass(frozen=True, slots=True)
class Told:
    """The whole account as the event with the hash ``event`` leaves it.

    ``room`` is how many rows may change until it is told whole again.
    """

    account: Plain
    event: str
    room: int


def whole(said: Any, told: Told | None) -> Any:
    """The account that a verdict's inputs speak of; ``told`` is what was last told of it.

    Raises StateError when the account that it is a change of is missing or another.
    """
    if not isinstance(said, dict) or SINCE not in said:
        return said
    if told is None or told.event != said[SINCE]:
        raise StateError(
            f"the account is told as what changed since event {str(said[SINCE])[:16]}, and that is "
            "missing or another: the journal is damaged. Run `tollgate audit verify` and put a "
            "sound copy back"
        )
    account = {key: value for key, value in said.items() if key != SINCE}
    for name in ROWS:
        account[name] = _rows(told.account[name], said.get(name), name)
    return account


def heard(said: Any, told: Told | None, event: str) -> Told | None:
    """What is told of an account after an event (its hash) has ``said`` this of it.

    Raises StateError as ``whole``. None when nothing can follow it.
    """
    account = whole(said, told)
    if not event or not isinstance(account, dict):
        return None
    if told is not None and account is not said:
        return Told(account, event, told.room - _changed(said))
    lists = [account.get(name) for name in ROWS]
    if not all(map(_are_rows, lists, ROWS.values())):
        return None
    count = sum(map(len, lists))  # type: ignore[arg-type]
    return Told(account, event, TIMES * count if count >= FEW else 0)


def briefly(account: Any, told: Told | None) -> Any:
    """The account as it is to be journalled: what changed since ``told``, or the whole of it."""
    if account is None or told is None or not told.room:
        return account
    change = {**account, SINCE: told.event}
    for name, key in ROWS.items():
        change[name] = _parts(told.account[name], account[name], key)
    return change if _changed(change) <= told.room else account


def _changed(change: Plain) -> int:
    """How many rows a change tells of, and one for itself."""
    told = [part for name in ROWS for part in change[name]]
    return 1 + sum(isinstance(part, dict) or isinstance(part[1], dict) for part in told)


def _parts(before: list[Plain], now: Sequence[Plain], key: str) -> list[Any]:
    places = {row[key]: n for n, row in enumerate(before)}
    parts: list[Any] = []
    run = [-1, -1]
    for row in now:
        n = places.get(row[key])
        if n is None or before[n].keys() != row.keys():
            parts.append(row)
            continue
        old = before[n]
        if old is not row:
            if old != row:
                changed = {name: value for name, value in row.items() if old[name] != value}
                parts.append([n, changed])
                continue
            before[n] = row  # the same content: next time the same object tells so at once
        if run[1] == n and parts and parts[-1] is run:
            run[1] += 1
        else:
            run = [n, n + 1]
            parts.append(run)
    return parts


def _rows(before: Sequence[Plain], parts: Any, name: str) -> list[Plain]:
    rows: list[Plain] = []
    try:
        for part in parts:
            if isinstance(part, dict):
                if ROWS[name] not in part:
                    raise ValueError("a new row has no name")
                rows.append(part)
                continue
            first, second = part
            if isinstance(second, dict):
                rows.append({**before[_place(first, before)], **second})
            elif first < second:
                rows += before[_place(first, before) : _place(second - 1, before) + 1]
            else:
                raise ValueError(f"rows {first} to {second} are none")
    except (IndexError, TypeError, ValueError) as error:
        raise StateError(f"the change of the account's {name} can't be read: {error}") from None
    return rows


def _place(n: Any, rows: Sequence[Plain]) -> int:
    if type(n) is not int or not 0 <= n < len(rows):
        raise IndexError(f"there is no row {n!r}")
    return n


def _are_rows(rows: Any, key: str) -> bool:
    return isinstance(rows, list) and all(isinstance(row, dict) and key in row for row in rows)
