"""What the values of a limits file may be, and which of two values is the stricter."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from tools.domain.errors import ConfigError, InputError
from tools.domain.money import exact

# No count or duration of ours is longer: it keeps later arithmetic with dates in range.
MOST = 1_000_000
# Lists of symbols are written in capitals.
SYMBOLS = frozenset({"restricted", "allowed"})
# A larger value of these refuses more. Of every other number a smaller one does.
LARGER_IS_STRICTER = frozenset(
    {
        "min_order_value",
        "fee_per_share",
        "fee_minimum",
        "duplicate_seconds",
        "maintenance_margin",
        "margin_buffer",
        "min_option_days",
        "min_liquidation_distance",
        "message_seconds",
        "execution_seconds",
        "order_to_fill_seconds",
    }
)
# Lists of what is forbidden: a longer one refuses more. Of the other lists a shorter one does.
FORBIDDING = frozenset({"restricted", "flags"})
# An empty list of allowed symbols allows all, so "none at all" needs an entry that no symbol is.
NO_SYMBOL = ("(none)",)


class ApprovalPolicy(StrEnum):
    """When a person must say yes before an order is sent."""

    ALWAYS = "always"
    ABOVE_SOFT = "above_soft"


def matches(patterns: tuple[str, ...], name: str) -> bool:
    """Whether a name is among ``patterns``: each is a name, or its beginning and a star."""
    return "*" in patterns or any(
        name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
        for pattern in patterns
    )


def stricter(key: str, one: Any, other: Any) -> Any:
    """The value that lets through only what both let through."""
    if key == "approval":
        return ApprovalPolicy.ALWAYS if ApprovalPolicy.ALWAYS in (one, other) else one
    if isinstance(one, bool):
        return one and other
    if isinstance(one, tuple):
        return _both(key, one, other)
    return max(one, other) if key in LARGER_IS_STRICTER else min(one, other)


def _both(key: str, one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if key in FORBIDDING:
        return tuple(sorted({*one, *other}))
    if key == "allowed" and not (one and other):
        return one or other
    common = {name for name in one if matches(other, name)}
    common |= {name for name in other if matches(one, name)}
    if key == "allowed" and not common:
        return NO_SYMBOL
    return tuple(sorted(common))


def parsed(key: str, kind: str, raw: object, source: str) -> Any:
    """A value as TOML has it, as the limit ``key`` of the type named ``kind``.

    Raises ConfigError naming the file, the key and what to write instead.
    """
    if kind == "tuple[str, ...]":
        if not isinstance(raw, list) or not all(isinstance(name, str) for name in raw):
            raise ConfigError(f'{source}: {key} must be a list of symbols, such as ["IBM"]')
        tidy = {name.strip() for name in raw}
        return tuple(sorted({name.upper() for name in tidy} if key in SYMBOLS else tidy))
    if kind == "bool":
        if not isinstance(raw, bool):
            raise ConfigError(f"{source}: {key} must be true or false, was {str(raw)[:40]!r}")
        return raw
    if kind == "ApprovalPolicy":
        if raw not in tuple(ApprovalPolicy):
            raise ConfigError(f'{source}: approval must be "always" or "above_soft", was {raw!r}')
        return ApprovalPolicy(str(raw))
    if kind == "str":
        return raw
    return _number(key, kind, raw, source)


def _number(key: str, kind: str, raw: object, source: str) -> Decimal | int:
    whole = kind == "int"
    try:
        if not isinstance(raw, (str, int)):
            raise InputError("not text")
        number = exact(raw, key)
        if whole and number != int(number):
            raise InputError("not whole")
    except InputError:
        what = "a whole number" if whole else "a number"
        example = "3" if whole else "0.05"
        raise ConfigError(
            f'{source}: {key} must be {what} in quotes, such as "{example}", was {str(raw)[:40]!r}'
        ) from None
    return int(number) if whole else number
