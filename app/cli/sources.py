"""``tollgate data feeds``, ``chain``, ``flow`` and ``economy``: what feeds tell besides bars."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import AsOf, JsonFlag, print_json, table
from tools.domain.errors import DataUnavailable

if TYPE_CHECKING:
    from tools.settings import Settings

Share = Annotated[str, typer.Argument(help="a ticker such as IBM")]
CHAIN = ("expiry", "strike", "right", "bid", "ask", "last", "volume", "open_interest")
FLOW = ("known_at", "expiry", "strike", "right", "size", "price", "premium", "side", "kind")


def feeds(json_: JsonFlag = False) -> None:
    """How each feed behind a network is doing: asked, left alone for now, its last answer."""
    from tools.assembly import build_market

    found = [asdict(feed) for feed in build_market(_settings()).feeds()]
    if json_:
        print_json({"feeds": found})
        return
    names = ("name", "state", "answered_at", "newest", "retry_at", "error")
    table(
        "Feeds", [n.replace("_", " ") for n in names], [[_seen(f[n]) for n in names] for f in found]
    )


def chain(symbol: Share, json_: JsonFlag = False) -> None:
    """The options on a share as they are now."""
    from tools.assembly import build_market

    found = build_market(_settings()).chain(symbol)
    if not found:
        raise DataUnavailable(
            f"No feed has options on {symbol}: Yahoo needs a network, Polygon POLYGON_API_KEY, "
            "Alpaca its two keys."
        )
    rows = [_flat(asdict(quote)) for quote in found]
    if json_:
        print_json({"underlying": symbol, "source": found[0].source, "contracts": rows})
        return
    title = (
        f"{len(rows)} options on {symbol} from {found[0].source}, {found[0].known_at:%F %H:%M} UTC"
    )
    table(title, [n.replace("_", " ") for n in CHAIN], [[row[n] for n in CHAIN] for row in rows])


def flow(
    symbol: Share,
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="how far back")] = 24,
    json_: JsonFlag = False,
) -> None:
    """Large option trades on a share as they were reported, oldest first."""
    from tools.assembly import flow_feed
    from tools.clock import SystemClock

    now = SystemClock().wall()
    found = flow_feed(_settings()).flow(symbol, now - timedelta(hours=hours), now) or ()
    rows = [_flat(asdict(trade)) for trade in found]
    if json_:
        print_json({"underlying": symbol, "trades": rows})
        return
    title = f"{len(rows)} large option trades on {symbol} in {hours:g} hours"
    table(title, [n.replace("_", " ") for n in FLOW], [[_seen(r[n]) for n in FLOW] for r in rows])


def economy(
    series: Annotated[str, typer.Argument(help="FRED's id, such as CPIAUCSL")],
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="how many of the last")] = 20,
    json_: JsonFlag = False,
) -> None:
    """A series of the economy as it stood at a moment, before what was revised later."""
    from app.cli.fetching import spanned
    from tools.assembly import economic_feed
    from tools.clock import SystemClock

    now = SystemClock().wall()
    moment = now if as_of is None else spanned(None, as_of, now).end
    found = economic_feed(_settings()).observations(series, moment)
    if found is None:
        raise DataUnavailable(
            f"FRED has no series {series}: look its id up at fred.stlouisfed.org."
        )
    rows = [asdict(row) for row in found[-limit:]]
    if json_:
        print_json({"series": series, "as_of": moment, "observations": rows})
        return
    title = f"{series} as it stood at {moment:%F %H:%M} UTC"
    table(
        title,
        ["period", "value", "known at"],
        [[r["period"], r["value"], _seen(r["known_at"])] for r in rows],
    )


def _settings() -> Settings:
    from tools.assembly import open_state
    from tools.settings import load_settings

    settings = load_settings()
    open_state(settings)
    return settings


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """The contract's terms beside the rest."""
    terms: dict[str, Any] = row.pop("terms")
    return row | terms | {"right": terms["right"].value}


def _seen(value: object) -> object:
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value
