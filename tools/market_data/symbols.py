"""The one spelling of a symbol, and the listing that its shape implies."""

from __future__ import annotations

import re
from decimal import Decimal

from tools.domain.errors import InputError
from tools.domain.instrument import AssetClass, Instrument

LONGEST = 20
FIAT = frozenset(
    "USD EUR GBP JPY CHF CAD AUD NZD SEK NOK DKK INR CNY CNH CZK HKD HUF MXN PLN SGD THB TRY ZAR"
    .split()
)  # fmt: skip
# Gold, silver, platinum and palladium by the ounce have codes of currencies (ISO 4217) and are
# dealt in as such.
METALS = frozenset(("XAU", "XAG", "XPT", "XPD"))
# Yahoo's endings of the National Stock Exchange of India and of Bombay's.
INDIAN = {".NS": "XNSE", ".BO": "XBOM"}
QUOTED_IN = FIAT | METALS | {"USDT", "USDC", "BTC"}

_SHAPE = re.compile(r"\^?[A-Z0-9]+(?:[.\-/=][A-Z0-9]+)*")
_PAIR = re.compile(r"([A-Z0-9]{2,10})[-/]([A-Z]{3,4})")


def pair(symbol: str) -> tuple[str, str] | None:
    """Base and quote currency of BTC-USD or BTC/USD; None for everything else, BRK-B included."""
    found = _PAIR.fullmatch(symbol)
    if found is None or found[2] not in QUOTED_IN:
        return None
    return found[1], found[2]


def canonical(symbol: str) -> str:
    """Stripped, in capitals, pairs with a slash: `` btc-usd `` becomes BTC/USD.

    Raises InputError for anything but letters, digits and single . - / = between them
    (and a leading ^ for an index).
    """
    text = symbol.strip()
    # Before capitals: those of a dotless i or a long s would be ordinary letters.
    text = text.upper() if text.isascii() else text
    if not text:
        raise InputError("A symbol is needed, such as IBM.")
    if len(text) > LONGEST or not text.isascii() or _SHAPE.fullmatch(text) is None:
        raise InputError(
            f"{symbol.strip()[:30]!r} is not a symbol: use up to {LONGEST} letters and digits, "
            "such as IBM, BRK.B or BTC/USD."
        )
    parts = pair(text)
    return f"{parts[0]}/{parts[1]}" if parts else text


def listing(symbol: str, name: str, venue: str) -> Instrument:
    """The instrument that a canonical symbol's shape implies, for feeds that don't say.

    A pair is crypto (forex when both sides are state currencies or metals) and trades every day
    in UTC; a symbol on ``.NS`` or ``.BO`` is an equity in rupees on India's, and anything else a
    US dollar equity on New York's calendar.
    """
    parts = pair(symbol)
    for suffix, calendar in INDIAN.items():
        if symbol.endswith(suffix):
            tick = Decimal("0.05")
            return Instrument(
                symbol, name, venue, AssetClass.EQUITY, "INR", tick=tick, calendar=calendar
            )
    if parts is None:
        return Instrument(symbol, name, venue, AssetClass.EQUITY, "USD")
    base, quoted = parts
    if base in FIAT | METALS and quoted in FIAT | METALS:
        return Instrument(
            symbol, name, venue, AssetClass.FOREX, quoted, tick=Decimal("0.00001"), calendar="24/5"
        )
    return Instrument(
        symbol,
        name,
        venue,
        AssetClass.CRYPTO,
        quoted,
        lot=Decimal("0.00000001"),
        calendar="24/7",
    )
