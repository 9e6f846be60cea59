"""How long a restart takes, from nothing to "agrees with the venue", with many orders resting."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

from tools.assembly import assemble
from tools.desk import Desk
from tools.domain.instrument import AssetClass
from tools.domain.money import Price, Quantity
from tools.domain.order import Order, OrderState, OrderType, Side, TimeInForce
from tools.settings import FeedChoice, Settings

GOAL_S = 10.0
SYMBOL = "MSFT"
# What would stop so many orders at once; the checks themselves are all made.
COUNTS = (
    "duplicate_count",
    "max_open_per_symbol",
    "max_open_per_account",
    "messages_per_account",
    "messages_per_strategy",
    "messages_per_symbol",
    "max_executions",
    "max_layers",
)


@dataclass(frozen=True, slots=True)
class Restart:
    """``orders`` rested at the venue; of these ``changed`` had ended there meanwhile."""

    orders: int
    changed: int
    opened_s: float
    reconciled_s: float
    goal_s: float = GOAL_S


def fill_folder(home: Path, orders: int) -> None:
    """Make a state folder with so many orders resting at the paper venue, sent by the desk."""
    home.mkdir(parents=True, exist_ok=True)
    text = files("tools.risk").joinpath("limits_cautious.toml").read_text("utf-8")
    for name in COUNTS:
        text = re.sub(rf'^{name} = ".*"$', f'{name} = "100000"', text, flags=re.MULTILINE)
    text = text.replace('approval = "always"', 'approval = "above_soft"')
    (home / "limits.toml").write_text(text, "utf-8")
    house = assemble(settings_over(home))
    bid = house.market.quote(SYMBOL, house.clock.now()).bid
    for n in range(orders):
        price = (bid * Decimal("0.9") - Decimal(n % 500) / 100).quantize(Decimal("0.01"))
        _send(house.desk, n, price)


def restart(home: Path, changed: int = 0) -> Restart:
    """Open a desk over the folder and compare; ``changed`` orders are canceled there before."""
    before = assemble(settings_over(home))
    keys = list(before.desk.journal.read().of(before.desk.account).open)
    for key in keys[:changed]:
        before.broker.cancel(key)
    (home / "reconciled.json").unlink(missing_ok=True)
    began = time.perf_counter()
    desk = assemble(settings_over(home)).desk
    opened = time.perf_counter() - began
    desk.recover()
    health = desk.reconcile()
    taken = time.perf_counter() - began
    left = len(desk.journal.read().of(desk.account).open)
    if health.differences or not health.connected or left != len(keys) - changed:
        raise AssertionError(f"the desk does not agree with the venue: {health}, {left} open")
    return Restart(len(keys), changed, opened, taken)


def settings_over(home: Path) -> Settings:
    """A desk over ``home`` with the sample prices and limits that let many orders rest."""
    return Settings(home=home, feed=FeedChoice.SAMPLE, limits=str(home / "limits.toml"))


def _send(desk: Desk, n: int, price: Decimal) -> None:
    wish = Order(
        intent_id=f"rests-{n}",
        account=desk.account,
        strategy="",
        principal="agent:bench",
        symbol=SYMBOL,
        asset_class=AssetClass.EQUITY,
        currency="USD",
        side=Side.BUY,
        quantity=Quantity(Decimal(1)),
        type=OrderType.LIMIT,
        limit_price=Price(price),
        time_in_force=TimeInForce.GTC,
        as_of=desk.clock.now(),
    )
    record = desk.proposals.propose(wish)
    if record.state is not OrderState.ACCEPTED:
        raise AssertionError(f"the order does not rest: {record.sentence}")
