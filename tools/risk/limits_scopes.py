"""Limits that hold for one account, strategy, class or symbol only.

A class's or a symbol's table sets values, a symbol's before a class's before those of the file
itself. An account's or a strategy's table can only make them stricter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.domain.errors import ConfigError
from tools.domain.instrument import AssetClass
from tools.risk.limits_values import parsed, stricter

SETTING = ("class", "symbol")
TIGHTENING = ("account", "strategy")
KINDS = (*SETTING, *TIGHTENING)


@dataclass(frozen=True, slots=True)
class Scope:
    """One table: its kind, the name it is for, and its values by key, sorted."""

    kind: str
    name: str
    values: tuple[tuple[str, Any], ...]


def scopes_in(table: Mapping[str, Any], keys: Mapping[str, str], source: str) -> tuple[Scope, ...]:
    """The scopes of a TOML table; ``keys`` are the limits with the names of their types."""
    return tuple(
        _scope(kind, name, rows, keys, source)
        for kind in KINDS
        for name, rows in sorted(_named(table.get(kind, {}), kind, source).items())
    )


def sectors_in(table: Mapping[str, Any], source: str) -> tuple[tuple[str, str], ...]:
    """The sector of each symbol in the table ``[sectors]``, sorted; the symbols in capitals."""
    rows = table.get("sectors", {})
    if not isinstance(rows, dict) or not all(
        isinstance(sector, str) and sector for sector in rows.values()
    ):
        raise ConfigError(f'{source}: [sectors] must have lines such as IBM = "technology"')
    return tuple(sorted((symbol.strip().upper(), sector) for symbol, sector in rows.items()))


def held_values(base: Mapping[str, Any], scopes: tuple[Scope | None, ...]) -> dict[str, Any]:
    """The values of ``base`` under the scopes: class, symbol, account, strategy; None for none."""
    held = dict(base)
    for scope in scopes:
        if scope is not None:
            for key, value in scope.values:
                setting = scope.kind in SETTING
                held[key] = value if setting else stricter(key, held[key], value)
    return held


def _named(tables: object, kind: str, source: str) -> dict[str, Any]:
    if not isinstance(tables, dict) or not all(isinstance(rows, dict) for rows in tables.values()):
        raise ConfigError(f"{source}: write [{kind}.NAME] with the limits for NAME below it")
    return tables


def _scope(
    kind: str, name: str, rows: Mapping[str, Any], keys: Mapping[str, str], source: str
) -> Scope:
    where = f"{source} [{kind}.{name}]"
    if kind == "class" and name not in tuple(AssetClass):
        raise ConfigError(f"{where}: there is no such class; use {', '.join(AssetClass)}")
    for key in rows:
        if key not in keys or key == "name":
            raise ConfigError(f"{where}: {key} is not a limit; remove it, or correct its spelling")
    values = ((key, parsed(key, keys[key], raw, where)) for key, raw in sorted(rows.items()))
    return Scope(kind, name.upper() if kind == "symbol" else name, tuple(values))
