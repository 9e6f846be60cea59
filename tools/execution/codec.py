"""Orders, fills and reasons as plain JSON values and back: how the ledger and the venue keep them.

Numbers are text and moments ISO 8601 in UTC; nothing becomes a float.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii as quoted
from operator import attrgetter, methodcaller
from types import NoneType
from typing import Any

from tools.domain.actions import CashEvent, CashKind, Entry, Split
from tools.domain.errors import StateError
from tools.domain.instrument import AssetClass
from tools.domain.money import Price, Quantity, plain
from tools.domain.order import OPTIONAL, Fill, Order, OrderGroup, OrderType, Side, TimeInForce
from tools.domain.verdict import Reason

Plain = Mapping[str, Any]
Write = Callable[[Any], Any]
# What stands for itself, told by its very type.
THEMSELVES = frozenset({NoneType, bool, int, str})

# Two halves of a character become one when they are read.
HALF = "\\ud"
# For what was written here: no white space to look for.
_read = json.JSONDecoder().raw_decode
# Made once: json.dumps would make one for every call.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def to_plain(value: object) -> Any:
    """Any frozen domain value as JSON values; raises StateError for what has no such form."""
    kind: Any = type(value)
    return value if kind in THEMSELVES else _writer(kind)(value)


def _written_by(kind: type) -> Write:
    """The function that writes values of a type."""
    for kinds, write in WRITERS:
        if issubclass(kind, kinds):
            return write
    if is_dataclass(kind):
        return _whole(tuple(field.name for field in fields(kind)))
    raise StateError(f"a {kind.__name__} can't be written to the ledger")


_writer: Callable[[Any], Write] = cache(_written_by)


def _whole(names: tuple[str, ...]) -> Write:
    if len(names) < 2:
        return lambda thing: {name: to_plain(getattr(thing, name)) for name in names}
    values = attrgetter(*names)

    def write(thing: Any) -> dict[str, Any]:
        return {
            name: value if (kind := type(value)) in THEMSELVES else _writer(kind)(value)
            for name, value in zip(names, values(thing), strict=True)
        }

    return write


def _named(value: Enum) -> Any:
    plain = value._value_  # as .value, without a descriptor's two calls
    return value._name_ if isinstance(plain, int) else plain


def _moment(value: datetime) -> str:
    if value.tzinfo is None or value.tzinfo is UTC:
        return value.isoformat()
    return value.astimezone(UTC).isoformat()


WRITERS: tuple[tuple[type | tuple[type, ...], Write], ...] = (
    (Enum, _named),
    ((NoneType, bool, int), lambda value: value),
    (str, str),
    (Decimal, plain),
    (datetime, _moment),
    (date, methodcaller("isoformat")),
    (timedelta, lambda value: str(value.total_seconds())),
    (Mapping, lambda value: {str(key): to_plain(item) for key, item in value.items()}),
    ((tuple, list), lambda value: [to_plain(item) for item in value]),
    ((set, frozenset), lambda value: sorted(to_plain(item) for item in value)),
)
"""How values of a type and its subclasses are written, the first that fits; dataclasses apart."""


class Written(dict[str, Any]):
    """A JSON object as it goes to the ledger; it is not to be changed any more.

    Its values are of JSON's own types already: text, whole numbers, truths, lists and objects.
    ``known`` has the canonical text of those of them that were written before.
    """

    __slots__ = ("known",)

    def __init__(self, values: Mapping[str, Any], known: Mapping[str, str]) -> None:
        super().__init__(values)
        self.known = known


def canonical(value: object) -> str:
    """The one way JSON is written here: sorted keys, no spaces, ASCII."""
    return _joined(value) if type(value) is Written else _CANONICAL.encode(value)


def _joined(written: Written) -> str:
    parts: list[str] = []
    between: dict[str, Any] = {}
    for name in sorted(written):
        if name not in written.known:
            between[name] = written[name]
            continue
        if between:
            parts.append(_CANONICAL.encode(between)[1:-1])
            between = {}
        parts.append(f"{quoted(name)}:{written.known[name]}")
    if between:
        parts.append(_CANONICAL.encode(between)[1:-1])
    return f"{{{','.join(parts)}}}"


def as_read(data: Mapping[str, object], text: str) -> Mapping[str, object]:
    """What reading the canonical ``text`` of ``data`` gives."""
    if type(data) is Written and HALF not in text:
        return data
    read: Mapping[str, object] = _read(text)[0]
    return read


def _price(text: str | None) -> Price | None:
    return None if text is None else Price(Decimal(text))


def _quantity(text: str) -> Quantity:
    return Quantity(Decimal(text))


def _text_only(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


# How the fields that most orders don't have are read back.
EXTRA: Mapping[str, Callable[[Any], Any]] = {
    "stop_price": _price,
    "trail_price": _price,
    "trail_fraction": Decimal,
    "group": OrderGroup,
    "take_profit": _price,
    "stop_loss": _price,
    "stop_loss_limit": _price,
    "extended_hours": _flag,
    "leg_of": _text_only,
    "replaces": _text_only,
    "slice_of": _text_only,
    "slice_total": _quantity,
}


def order_from(data: Plain) -> Order:
    """An order as it was written; raises StateError when it can't be read back."""
    try:
        return Order(
            intent_id=data["intent_id"],
            account=data["account"],
            strategy=data["strategy"],
            principal=data["principal"],
            symbol=data["symbol"],
            asset_class=AssetClass(data["asset_class"]),
            currency=data["currency"],
            side=Side(data["side"]),
            quantity=Quantity(Decimal(data["quantity"])),
            type=OrderType(data["type"]),
            limit_price=_price(data["limit_price"]),
            time_in_force=TimeInForce(data["time_in_force"]),
            as_of=datetime.fromisoformat(data["as_of"]),
            session=data["session"],
            rationale=data["rationale"],
            **{
                name: EXTRA[name](data[name])
                for name, unsaid in OPTIONAL.items()
                if data.get(name, unsaid) != unsaid
            },
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise _unreadable("order") from error


def fill_from(data: Plain) -> Fill:
    """A fill as it was written; raises StateError when it can't be read back."""
    try:
        return Fill(
            execution_id=data["execution_id"],
            client_order_id=data["client_order_id"],
            symbol=data["symbol"],
            side=Side(data["side"]),
            quantity=Decimal(data["quantity"]),
            price=Decimal(data["price"]),
            commission=Decimal(data["commission"]),
            currency=data["currency"],
            at=datetime.fromisoformat(data["at"]),
            basis=data["basis"],
            multiplier=Decimal(data.get("multiplier", "1")),  # not in older journals
        )
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise _unreadable("fill") from error


def entry_data(entry: Entry) -> Plain:
    """A line of an account's statement as it is written."""
    kind = "split" if isinstance(entry, Split) else "cash"
    return {"type": kind, **to_plain(entry)}


def entry_from(data: Plain) -> Entry:
    """A line of an account's statement; raises StateError when it can't be read back."""
    try:
        at = datetime.fromisoformat(data["at"])
        if data["type"] == "split":
            ratio, change = Decimal(data["ratio"]), Decimal(data["change"])
            return Split(data["id"], data["symbol"], ratio, at, change, data["basis"])
        amount, kind = Decimal(data["amount"]), CashKind(data["kind"])
        return CashEvent(
            data["id"], data["symbol"], kind, amount, data["currency"], at, data["basis"]
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise _unreadable("entry") from error


def reasons_from(rows: Any) -> tuple[Reason, ...]:
    """The gate's reasons as they were written; raises StateError when they can't be read back."""
    try:
        return tuple(Reason(row["code"], row["sentence"], row["hard"]) for row in rows)
    except (KeyError, TypeError) as error:
        raise _unreadable("list of reasons") from error


def _unreadable(what: str) -> StateError:
    return StateError(
        f"the journal holds an {what} that can't be read; nothing is sent until "
        "`tollgate audit verify` says where, and a sound copy is put back"
    )
