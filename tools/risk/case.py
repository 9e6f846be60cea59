"""Everything that a decision of the gate depends on, in one frozen thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tools.domain.instrument import Instrument
from tools.domain.making import quickly_made
from tools.domain.order import Order
from tools.domain.portfolio import Activity, Health, Snapshot
from tools.domain.status import Borrow, Session
from tools.domain.venue import Accepts
from tools.risk.limits import Limits
from tools.risk.mode import Mode


@quickly_made
@dataclass(frozen=True, slots=True)
class MarketView:
    """What was known of one symbol at ``at`` (aware UTC); None where nothing was known.

    ``known`` says that a feed lists the symbol; ``note`` is the feed's own sentence when it could
    not answer. ``average_volume`` is shares a day over the last 20 bars. ``simulated`` is for
    people: bid and ask were made from a close. Sizes are shares at the bid and the ask.
    ``band_low`` and ``band_high`` are the limits of the day as published, None where nobody
    publishes them; they are never computed here. ``halted`` says that trading in it is paused.
    ``short_restricted`` says that shorts must be above the bid, ``located`` how many shares are
    reserved to borrow. ``rate`` turns the listing's currency into the account's. ``delta`` (signed,
    a share of the underlying) and ``underlying_price`` are for options, ``liquidation_price`` (of
    the position as it would be after the order) for perpetuals.
    """

    instrument: Instrument | None
    bid: Decimal | None
    ask: Decimal | None
    at: datetime | None
    average_volume: Decimal | None = None
    known: bool = False
    simulated: bool = True
    note: str = ""
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    band_low: Decimal | None = None
    band_high: Decimal | None = None
    halted: bool | None = None
    session: Session | None = None
    borrow: Borrow | None = None
    located: Decimal | None = None
    short_restricted: bool | None = None
    rate: Decimal | None = None
    delta: Decimal | None = None
    underlying_price: Decimal | None = None
    liquidation_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes as the journal holds it, and what it was given to.

    ``given_at`` and ``expires_at`` are wall times (aware UTC). ``second`` is another person who
    said yes as well, empty when nobody did. ``used`` says that something was sent on it before.
    """

    digest: str
    limits_hash: str
    account: str
    approver: str
    given_at: datetime
    expires_at: datetime
    second: str = ""
    used: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Who sends, with what: ``build`` is the hash of the program, ``venue`` the broker's name.

    ``live`` says that the person who started the desk armed it for real money, ``real_money`` that
    the venue moves some. None where a journal of before the two were told apart doesn't say: then
    every venue does that isn't simulated.
    """

    principal: str
    build: str
    venue: str
    live: bool
    real_money: bool | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class Case:
    """An order and all that is known when it is judged.

    ``now`` is the market moment (aware UTC) of the decision and ``wall`` the real one.
    ``approval`` is a person's yes, None when nobody gave one: the gate checks itself that it is for
    exactly this order, these limits and this account. Any field may be None or odd: the gate
    refuses then.

    ``dated`` says that the order simulates the past: ``now`` is then its own moment and not the
    market clock's; ``simulated_venue`` that the venue fills at our own prices. ``latest`` is
    the latest moment at which the market clock was seen for this account, ``reference`` the price
    that an order being sent was proposed on; both are None where there is none. ``accepts`` is what
    the venue takes.
    ``today`` is the exchange's date of ``now``.
    """

    order: Order
    account: Snapshot | None
    market: MarketView | None
    limits: Limits | None
    mode: Mode | None
    now: datetime | None
    approval: Approval | None = None
    dated: bool = False
    simulated_venue: bool = True
    latest: datetime | None = None
    reference: Decimal | None = None
    wall: datetime | None = None
    today: date | None = None
    accepts: tuple[Accepts, ...] | None = None
    source: Source | None = None
    health: Health | None = None
    activity: Activity | None = None
