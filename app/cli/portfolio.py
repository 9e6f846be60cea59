"""``tollgate portfolio``: what the account holds."""

from __future__ import annotations

from typing import Any

from app.cli.opening import open_house
from app.cli.output import AsOf, JsonFlag, print_json, table

MONEY = ("realised", "fees", "dividends", "borrow", "interest", "deposits")
POSITIONS = ("quantity", "average_cost", "mark", "value", "unrealised", "realised")
BESIDE = ("fees", "dividends", "borrow")


def portfolio(as_of: AsOf = None, json_: JsonFlag = False) -> None:
    """Cash, positions and profit of the paper account."""
    from tools.catalog.account import account_report
    from tools.clock import moment

    house = open_house()
    at = moment(as_of, house.clock) if as_of is not None else None
    account = account_report(house.desk, at)
    if json_:
        print_json(account | {"simulated": not house.broker.real_money, "venue": house.broker.name})
        return
    print(
        f"Account {account['account']} at {account['at']} ({account['currency']}): "
        f"equity {_shown(account['equity'])}, cash {account['cash']}, reserved "
        f"{account['reserved']}, fees paid {account['fees']}."
    )
    print(
        f"Profit today {_shown(account['day_profit'])} (since 00:00 UTC), realised "
        f"{_shown(account['realised'])}, unrealised {_shown(account['unrealised'])}; margin used "
        f"{_shown(account['margin_used'])}."
    )
    for sentence in _unknown(account):
        print(sentence)
    if not house.broker.real_money:
        print(f"Venue: {house.broker.name}: simulated, no real money.")
    base = account["currency"]
    _rows("Cash by currency", ("currency", "cash"), MONEY, account["balances"])
    for row in account["balances"]:
        if row["currency"] != base and row["rate"] is not None:
            print(f"One {row['currency']} is {row['rate']} {base}.")
    positions = account["positions"]
    if not positions:
        print("No positions.")
        return
    own = ("currency",) if any(row["currency"] not in (None, base) for row in positions) else ()
    title = f"Positions (values in {base}, all else in their own currency)" if own else "Positions"
    _rows(title, ("symbol", *own, *POSITIONS), (), positions)
    shorts = [
        f"{row['quantity'][1:]} {row['symbol']}" for row in positions if row["side"] == "short"
    ]
    if shorts:
        print(f"Sold short, to be bought back: {', '.join(shorts)}.")
    costly = [row for row in positions if any(_counts(row[name]) for name in BESIDE)]
    if costly:
        _rows("Costs and income", ("symbol",), BESIDE, costly)


def _rows(
    title: str, names: tuple[str, ...], if_any: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    """A table with the columns ``names``, and those of ``if_any`` that have an amount somewhere."""
    shown = [*names, *(name for name in if_any if any(_counts(row[name]) for row in rows))]
    table(title, [n.replace("_", " ") for n in shown], [[r[n] for n in shown] for r in rows])


def _counts(amount: str | None) -> bool:
    return amount is not None and bool(amount.strip("-0."))


def _shown(amount: str | None) -> str:
    return "unknown" if amount is None else amount


def _unknown(account: dict[str, Any]) -> list[str]:
    """Why the equity isn't known, one sentence a reason."""
    said = [
        f"There is no exchange rate of {row['currency']} to {account['currency']}."
        for row in account["balances"]
        if row["rate"] is None
    ]
    held = [row for row in account["positions"] if row["side"] != "flat"]
    return said + [f"There is no price of {r['symbol']}." for r in held if r["mark"] is None]
