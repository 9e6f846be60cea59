"""The bytes of an order that are hashed: sorted JSON without spaces, numbers as text."""

from __future__ import annotations

from collections.abc import Mapping
from json import JSONEncoder
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from tools.domain.money import plain

_ENCODER = JSONEncoder(sort_keys=True, separators=(",", ":"))


def canonical(order: Any, extra: Mapping[str, object]) -> bytes:
    """``order`` is an ``Order``, whose module imports this one.

    ``extra`` is what an order says beyond what every order says, numbers as text already.
    """
    if not extra:
        try:
            return _usual(order).encode()
        except TypeError:
            pass  # an odd order is written as far as JSON has words for it
    limit = order.limit_price
    return _ENCODER.encode(
        {
            "account": order.account,
            "as_of": order.as_of.isoformat(),
            "asset_class": order.asset_class,
            "currency": order.currency,
            "intent_id": order.intent_id,
            "limit_price": None if limit is None else plain(limit),
            "principal": order.principal,
            "quantity": plain(order.quantity),
            "side": order.side,
            "strategy": order.strategy,
            "symbol": order.symbol,
            "time_in_force": order.time_in_force,
            "type": order.type,
            **extra,
        }
    ).encode()


def _usual(order: Any) -> str:
    """The same text without the encoder, whose making takes most of the time."""
    limit = order.limit_price
    return (
        f'{{"account":{quoted(order.account)},'
        f'"as_of":{quoted(order.as_of.isoformat())},'
        f'"asset_class":{quoted(order.asset_class)},'
        f'"currency":{quoted(order.currency)},'
        f'"intent_id":{quoted(order.intent_id)},'
        f'"limit_price":{"null" if limit is None else quoted(plain(limit))},'
        f'"principal":{quoted(order.principal)},'
        f'"quantity":{quoted(plain(order.quantity))},'
        f'"side":{quoted(order.side)},'
        f'"strategy":{quoted(order.strategy)},'
        f'"symbol":{quoted(order.symbol)},'
        f'"time_in_force":{quoted(order.time_in_force)},'
        f'"type":{quoted(order.type)}}}'
    )
