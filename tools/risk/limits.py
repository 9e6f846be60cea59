"""The limits an order is held to: versioned data, read from a file that a person can read."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from tools.domain.errors import ConfigError, InputError
from tools.domain.money import LARGEST, exact, plain

# No count or duration of ours is longer: it keeps later arithmetic with dates in range.
MOST = 1_000_000


class ApprovalPolicy(StrEnum):
    """When a person must say yes before an order is sent."""

    ALWAYS = "always"
    ABOVE_SOFT = "above_soft"


@dataclass(frozen=True, slots=True)
class Limits:
    """One set of limits; ``limits_cautious.toml`` has a sentence on each.

    Values and prices are in the account's currency, quantities in shares, fractions of one;
    durations have their unit in the name. Raises ConfigError for a value that can't be a limit.
    ``hash`` is the SHA-256 of the canonical JSON of every field.
    """

    name: str
    price_collar: Decimal
    passive_collar: Decimal
    max_drift: Decimal
    max_order_quantity: Decimal
    max_order_value: Decimal
    max_order_equity: Decimal
    min_order_value: Decimal
    max_long: Decimal
    max_short: Decimal
    max_concentration: Decimal
    max_gross: Decimal
    max_net: Decimal
    fee_per_share: Decimal
    fee_minimum: Decimal
    soft_order_equity: Decimal
    stale_market_days: int
    stale_account_seconds: int
    clock_skew_seconds: int
    duplicate_count: int
    duplicate_seconds: int
    max_open_per_symbol: int
    max_open_per_account: int
    approval_minutes: int
    approval: ApprovalPolicy
    restricted: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    hash: str = field(init=False, default="", compare=False)

    def __post_init__(self) -> None:
        """Check every value, then fix the hash."""
        wrong = self.problems()
        if wrong:
            raise ConfigError(f"limits: {wrong[0]}")
        object.__setattr__(self, "hash", hashlib.sha256(self.canonical()).hexdigest())

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the values, one sentence each; empty when they can be used."""
        wrong = [
            f"{key} must be an exact number of ordinary size, zero or above, was {str(value)[:40]}"
            for key in DECIMALS
            if type(value := getattr(self, key)) is not Decimal
            or not value.is_finite()
            or not 0 <= value <= LARGEST
        ]
        if not wrong and not self.price_collar < 1:
            wrong.append(f"price_collar must be a fraction below 1, was {self.price_collar}")
        wrong += [
            f"{key} must be a whole number, zero or above, was {str(value)[:40]}"
            for key in COUNTS
            if type(value := getattr(self, key)) is not int or not 0 <= value <= MOST
        ]
        approval: object = self.approval
        if type(approval) is not ApprovalPolicy:
            wrong.append(f"approval must be always or above_soft, was {str(approval)[:40]}")
        if type(self.name) is not str:
            wrong.append("name must be text")
        wrong += [
            f"{key} must be a list of symbols"
            for key in LISTS
            if type(names := getattr(self, key)) is not tuple
            or not all(type(symbol) is str and symbol for symbol in names)
        ]
        return tuple(wrong)

    def canonical(self) -> bytes:
        """The bytes that are hashed: sorted JSON, exact numbers as text."""
        shown = {key: getattr(self, key) for key in KEYS}
        return json.dumps(
            {k: plain(v) if isinstance(v, Decimal) else v for k, v in shown.items()},
            sort_keys=True,
            separators=(",", ":"),
        ).encode()


KEYS = tuple(f.name for f in fields(Limits) if f.init)
DECIMALS = tuple(f.name for f in fields(Limits) if f.type == "Decimal")
COUNTS = tuple(f.name for f in fields(Limits) if f.type == "int")
LISTS = ("restricted", "allowed")


def load_limits(path: Path | None = None) -> Limits:
    """The limits in a TOML file, or the cautious ones that come with the desk.

    Raises ConfigError naming the file, the key and what to write instead.
    """
    if path is None:
        source = "limits_cautious.toml"
        text = files("tools.risk").joinpath(source).read_text(encoding="utf-8")
    else:
        source = str(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{source}: the limits can't be read ({error})") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: this is not TOML ({error})") from None
    return _parse(table, source)


def _parse(table: dict[str, Any], source: str) -> Limits:
    for key in table:
        if key not in KEYS:
            raise ConfigError(f"{source}: {key} is not a limit; remove it, or correct its spelling")
    for key in KEYS:
        if key not in table:
            raise ConfigError(f"{source}: {key} is missing; copy its line from the cautious limits")
    try:
        return Limits(**{key: _value(key, table[key], source) for key in KEYS})
    except ConfigError as error:
        raise ConfigError(str(error).replace("limits: ", f"{source}: ", 1)) from None


def _value(key: str, raw: object, source: str) -> Any:
    if key in LISTS:
        if not isinstance(raw, list) or not all(isinstance(name, str) for name in raw):
            raise ConfigError(f'{source}: {key} must be a list of symbols, such as ["IBM"]')
        return tuple(sorted({name.strip().upper() for name in raw}))
    if key == "approval":
        if raw not in tuple(ApprovalPolicy):
            raise ConfigError(f'{source}: approval must be "always" or "above_soft", was {raw!r}')
        return ApprovalPolicy(str(raw))
    if key == "name":
        return raw
    try:
        if not isinstance(raw, (str, int)):
            raise InputError("not text")
        number = exact(raw, key)
        if key in COUNTS and number != int(number):
            raise InputError("not whole")
    except InputError:
        what = "a whole number" if key in COUNTS else "a number"
        example = "3" if key in COUNTS else "0.05"
        raise ConfigError(
            f'{source}: {key} must be {what} in quotes, such as "{example}", was {str(raw)[:40]!r}'
        ) from None
    return int(number) if key in COUNTS else number
