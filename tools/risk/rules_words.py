"""How figures are written in the gate's sentences."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from tools.domain.money import plain
from tools.domain.verdict import Reason

NOTHING: tuple[Reason, ...] = ()
"""What a rule says that has nothing against the order."""


def refuse(code: str, sentence: str) -> Reason:
    """A reason that nobody can override."""
    return Reason(code, sentence, hard=True)


def ask_person(code: str, sentence: str) -> Reason:
    """A reason that a person may accept."""
    return Reason(code, sentence, hard=False)


def against(code: str, sentence: str) -> tuple[Reason, ...]:
    """The one reason against the order, which nobody can override."""
    return (Reason(code, sentence, hard=True),)


def money(amount: Decimal, currency: str) -> str:
    """1,234.50 USD."""
    return f"{amount:,.2f} {currency}"


def shares(quantity: Decimal) -> str:
    """1,234 or 0.5: no trailing zeros."""
    whole, _, rest = plain(quantity).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{sign}{int(digits):,}" if digits else "0"
    return f"{grouped}.{rest}" if rest else grouped


def percent(fraction: Decimal) -> str:
    """0.05 as 5 %."""
    return f"{shares((fraction * 100).quantize(Decimal('0.01')))} %"


def at_most(quantity: Decimal, lot: Decimal, verb: str = "ask for") -> str:
    """What to do instead: the largest quantity in whole lots that would have passed."""
    fits = (quantity / lot).to_integral_value(ROUND_FLOOR) * lot if lot > 0 else Decimal(0)
    if fits <= 0:
        return "no quantity of it is possible now"
    return f"{verb} at most {shares(fits)}"


def shown(value: object, length: int = 40) -> str:
    """Any value, short and printable: what others wrote must not draw on the screen."""
    text = (value if isinstance(value, str) else repr(value))[:length]
    if text.isascii() and text.isprintable():
        return str(text)
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)
