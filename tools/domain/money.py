"""Exact money, prices and quantities on Decimal; floats and NaN are refused at the door."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import NewType

from tools.domain.errors import InputError

Price = NewType("Price", Decimal)
"""A price in the instrument's currency; finite and not negative."""

Quantity = NewType("Quantity", Decimal)
"""A number of shares or coins; finite and above zero (the side carries the sign)."""

CENT = Decimal("0.01")
# Beyond any market on earth: keeps absurd exponents out of later arithmetic.
LARGEST = Decimal("1e15")


def exact(value: Decimal | int | str, what: str = "number") -> Decimal:
    """A finite Decimal from text, int or Decimal; InputError for floats, NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise InputError(
            f"{what} must be written as text, an integer or a Decimal, was {type(value).__name__}"
        )
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise InputError(f"{what} must be a number, was {str(value)[:40]!r}") from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise InputError(f"{what} must be a finite number of ordinary size, was {str(value)[:40]}")
    return number


def price(value: Decimal | int | str, what: str = "price") -> Price:
    """A Price; raises InputError when negative or not finite."""
    number = exact(value, what)
    if number < 0:
        raise InputError(f"{what} must not be negative, was {number}")
    return Price(number)


def quantity(value: Decimal | int | str, what: str = "quantity") -> Quantity:
    """A Quantity; raises InputError when zero, negative or not finite."""
    number = exact(value, what)
    if number <= 0:
        raise InputError(f"{what} must be above zero, was {number}")
    return Quantity(number)


def plain(number: Decimal) -> str:
    """The one way a Decimal is written in canonical bytes: no exponent, no trailing zeros.

    What is no finite number is written by its name, such as NaN or Infinity.
    """
    text = str(number)  # quicker than by a format, and the same but for exponents
    if "E" in text or "e" in text:
        text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency; adding two currencies raises InputError."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        """Refuse anything but a finite Decimal and a three-letter currency."""
        exact(self.amount, "amount")
        if not isinstance(self.amount, Decimal):
            raise InputError("a Money amount must be a Decimal")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise InputError(f"currency must be three capital letters, was {self.currency!r}")

    def _same(self, other: Money, verb: str) -> None:
        if self.currency != other.currency:
            raise InputError(f"cannot {verb} {other.currency} and {self.currency}")

    def __add__(self, other: Money) -> Money:
        """The sum; both in the same currency."""
        self._same(other, "add")
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        """The difference; both in the same currency."""
        self._same(other, "subtract")
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        """The same amount with the other sign."""
        return Money(-self.amount, self.currency)

    def rounded(self) -> Money:
        """To the cent, half to even."""
        return Money(self.amount.quantize(CENT, ROUND_HALF_EVEN), self.currency)

    def __str__(self) -> str:
        """For people: 1,234.50 USD."""
        return f"{self.rounded().amount:,} {self.currency}"
