"""``tollgate portfolio``: what the account holds."""

from __future__ import annotations

from app.cli.opening import open_house
from app.cli.output import AsOf, JsonFlag, print_json, table


def portfolio(as_of: AsOf = None, json_: JsonFlag = False) -> None:
    """Cash, positions and profit of the paper account."""
    from tools.catalog.rendering import snapshot
    from tools.clock import moment

    house = open_house()
    at = moment(as_of, house.clock) if as_of is not None else None
    account = snapshot(house.desk.proposals.snapshot(at))
    if json_:
        print_json(account | {"simulated": house.broker.simulated, "venue": house.broker.name})
        return
    print(
        f"Account {account['account']} at {account['at']} ({account['currency']}): "
        f"equity {account['equity'] or 'unknown'}, cash {account['cash']}, reserved "
        f"{account['reserved']}, fees paid {account['fees']}."
    )
    if house.broker.simulated:
        print(f"Venue: {house.broker.name}: simulated, no real money.")
    if account["positions"]:
        names = ("symbol", "quantity", "average_cost", "mark", "value", "unrealised", "realised")
        rows = [[row[name] for name in names] for row in account["positions"]]
        table("Positions", [name.replace("_", " ") for name in names], rows)
    else:
        print("No positions.")
