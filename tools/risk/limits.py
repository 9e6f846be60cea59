"""The limits an order is held to: versioned data, read from a file that a person can read."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from tools.domain.errors import ConfigError
from tools.domain.money import LARGEST, plain
from tools.domain.order import Order
from tools.risk.limits_scopes import KINDS, TIGHTENING, Scope, held_values, scopes_in, sectors_in
from tools.risk.limits_values import MOST, ApprovalPolicy, parsed, stricter

__all__ = ["KEYS", "PROFILES", "ApprovalPolicy", "Limits", "Scope", "load_limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """One set of limits; ``limits_cautious.toml`` has a sentence on each.

    Values and prices are in the account's currency, quantities in shares, fractions of one;
    durations have their unit in the name. ``scopes`` hold for one account, strategy, class or
    symbol only; ``sectors`` names the sector of symbols. Raises ConfigError for a value that can't
    be a limit. ``hash`` is the SHA-256 of the canonical JSON of every field, scopes and all.
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
    banded_collar: Decimal
    max_spread: Decimal
    max_volume_share: Decimal
    max_sector: Decimal
    max_class: Decimal
    maintenance_margin: Decimal
    margin_buffer: Decimal
    max_day_loss: Decimal
    max_drawdown: Decimal
    max_day_value: Decimal
    cancels_per_fill: Decimal
    second_person_value: Decimal
    min_option_days: int
    min_liquidation_distance: Decimal
    stale_reconciliation_seconds: int
    message_seconds: int
    messages_per_account: int
    messages_per_strategy: int
    messages_per_symbol: int
    execution_seconds: int
    max_executions: int
    max_losses: int
    max_rejects: int
    max_slices: int
    order_to_fill_seconds: int
    min_cancels: int
    max_layers: int
    short_selling: bool
    live: bool
    asset_classes: tuple[str, ...]
    principals: tuple[str, ...]
    builds: tuple[str, ...]
    flags: tuple[str, ...]
    approvers: tuple[str, ...]
    restricted: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ()
    sectors: tuple[tuple[str, str], ...] = ()
    hash: str = field(init=False, default="", compare=False)
    # What can be told from the fields above, kept so that the gate need not work it out each time.
    _scope: dict[tuple[str, str], Scope] = field(init=False, compare=False, repr=False)
    _held: dict[tuple[str | None, ...], Limits] = field(init=False, compare=False, repr=False)
    _sector: dict[str, str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Check every value, then fix the hash."""
        wrong = self.problems()
        if wrong:
            raise ConfigError(f"limits: {wrong[0]}")
        object.__setattr__(self, "_scope", {(s.kind, s.name): s for s in self.scopes})
        object.__setattr__(self, "_held", {})
        object.__setattr__(self, "_sector", dict(self.sectors))
        object.__setattr__(self, "hash", hashlib.sha256(self.canonical()).hexdigest())
        for scope in self.scopes:
            self._check(scope)

    def held_to(self, order: Order) -> Limits:
        """The limits for this order: of its symbol, its class, its account and its strategy."""
        if not self._scope:
            return self
        find = self._scope.get
        scopes = (
            find(("class", order.asset_class)),
            find(("symbol", order.symbol)),
            find(("account", order.account)),
            find(("strategy", order.strategy)),
        )
        if scopes == (None, None, None, None):
            return self
        names = tuple(None if scope is None else scope.name for scope in scopes)
        held = self._held.get(names)
        if held is None:
            held = self._under(*scopes)
            self._held[names] = held
        return held

    def sector(self, symbol: str) -> str:
        """The sector of a symbol; empty for one that the table doesn't name."""
        return self._sector.get(symbol, "")

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the values, one sentence each; empty when they can be used."""
        wrong = [
            f"{key} must be an exact number of ordinary size, zero or above, was {str(value)[:40]}"
            for key in DECIMALS
            if type(value := getattr(self, key)) is not Decimal
            or not value.is_finite()
            or not 0 <= value <= LARGEST
        ]
        if not wrong:
            wrong += [
                f"{key} must be a fraction below 1, was {getattr(self, key)}"
                for key in ("price_collar", "banded_collar")
                if not getattr(self, key) < 1
            ]
        wrong += [
            f"{key} must be a whole number, zero or above, was {str(value)[:40]}"
            for key in COUNTS
            if type(value := getattr(self, key)) is not int or not 0 <= value <= MOST
        ]
        wrong += [
            f"{key} must be true or false" for key in BOOLS if type(getattr(self, key)) is not bool
        ]
        approval: object = self.approval
        if type(approval) is not ApprovalPolicy:
            wrong.append(f"approval must be always or above_soft, was {str(approval)[:40]}")
        if type(self.name) is not str:
            wrong.append("name must be text")
        wrong += [
            f"{key} must be a list of names"
            for key in LISTS
            if type(names := getattr(self, key)) is not tuple
            or not all(type(symbol) is str and symbol for symbol in names)
        ]
        scopes, sectors = cast("tuple[object, object]", (self.scopes, self.sectors))
        if type(scopes) is not tuple or not all(type(s) is Scope for s in scopes):
            wrong.append("scopes must be tables such as [symbol.IBM]")
        if type(sectors) is not tuple or not all(map(_is_sector, sectors)):
            wrong.append('sectors must be lines such as IBM = "technology"')
        return tuple(wrong)

    def canonical(self) -> bytes:
        """The bytes that are hashed: sorted JSON, exact numbers as text."""
        shown: dict[str, object] = {key: _shown(getattr(self, key)) for key in KEYS}
        shown["scopes"] = [
            [s.kind, s.name, {key: _shown(value) for key, value in s.values}] for s in self.scopes
        ]
        shown["sectors"] = dict(self.sectors)
        return json.dumps(shown, sort_keys=True, separators=(",", ":")).encode()

    def _check(self, scope: Scope) -> None:
        where = f"[{scope.kind}.{scope.name}]"
        if scope.kind not in KINDS or any(key not in KEYS for key, _ in scope.values):
            raise ConfigError(f"limits: {where} is no table of limits")
        try:
            self._under(scope)
        except ConfigError as error:
            raise ConfigError(f"limits: {where} {str(error).removeprefix('limits: ')}") from None
        for key, value in scope.values:
            mine = getattr(self, key)
            if scope.kind in TIGHTENING and stricter(key, mine, value) != value:
                raise ConfigError(
                    f"limits: {where} {key} would be wider than the {_shown(mine)} above; an "
                    f"account's or a strategy's table can only make a limit stricter"
                )

    def _under(self, *scopes: Scope | None) -> Limits:
        base = {key: getattr(self, key) for key in KEYS}
        return Limits(**held_values(base, scopes), sectors=self.sectors)


_MADE = {"scopes", "sectors"}
TYPES: Mapping[str, str] = {
    f.name: str(f.type) for f in fields(Limits) if f.init and f.name not in _MADE
}
KEYS = tuple(TYPES)
DECIMALS = tuple(key for key, kind in TYPES.items() if kind == "Decimal")
COUNTS = tuple(key for key, kind in TYPES.items() if kind == "int")
BOOLS = tuple(key for key, kind in TYPES.items() if kind == "bool")
LISTS = tuple(key for key, kind in TYPES.items() if kind == "tuple[str, ...]")
PROFILES = ("cautious", "active")


def load_limits(source: str | Path | None = None) -> Limits:
    """The limits of a profile that comes with the desk, or those in a TOML file.

    ``source`` is a profile's name or a path, None for "cautious". Raises ConfigError naming the
    file, the key and what to write instead.
    """
    name = "cautious" if source is None else str(source)
    if name in PROFILES:
        file = f"limits_{name}.toml"
        text = files("tools.risk").joinpath(file).read_text(encoding="utf-8")
        return _parse(text, file)
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(
            f"{name}: the limits can't be read ({error}); name a file, or one of the profiles "
            f"{' and '.join(PROFILES)}"
        ) from None
    return _parse(text, name)


def _parse(text: str, source: str) -> Limits:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: this is not TOML ({error})") from None
    for key in table:
        if key not in KEYS and key not in (*KINDS, "sectors"):
            raise ConfigError(f"{source}: {key} is not a limit; remove it, or correct its spelling")
    for key in KEYS:
        if key not in table:
            raise ConfigError(f"{source}: {key} is missing; copy its line from the cautious limits")
    try:
        return Limits(
            **{key: parsed(key, kind, table[key], source) for key, kind in TYPES.items()},
            scopes=scopes_in(table, TYPES, source),
            sectors=sectors_in(table, source),
        )
    except ConfigError as error:
        raise ConfigError(str(error).replace("limits: ", f"{source}: ", 1)) from None


def _is_sector(row: object) -> bool:
    return type(row) is tuple and len(row) == 2 and all(type(name) is str for name in row)


def _shown(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else value
