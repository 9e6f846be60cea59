"""``tollgate data aggregate``: a file of trades or bars becomes longer bars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table
from tools.domain.errors import InputError
from tools.market_data.hours import Align, Hours

if TYPE_CHECKING:
    from tools.market_data.columns import BarColumns

SHOWN = 20
HEADER = ("timestamp", "open", "high", "low", "close", "volume", "known")


def aggregate(
    file: Annotated[Path, typer.Argument(help="such as IBM.trades.csv or IBM_1m.csv")],
    timeframe: Annotated[str, typer.Argument(help="such as 1m, 5m, 1h, 1d, 1w or 1mo")],
    hours: Annotated[
        Hours, typer.Option(help="with the hours before and after New York's session, or without")
    ] = Hours.REGULAR,
    align: Annotated[
        Align, typer.Option(help="count bars from the opening, or from midnight by the clock")
    ] = Align.SESSION,
    plan: Annotated[
        str | None, typer.Option(help="whose sale conditions the trades have: cta or utp")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="a CSV file to write them to")] = None,
    json_: JsonFlag = False,
) -> None:
    """Make bars of trades, or longer bars of shorter ones. Bad ticks are left out and counted."""
    from tools.market_data.quality.making import made

    found = made(file, timeframe, hours, align, plan)
    rows = _rows(found.bars)
    if output is not None:
        if output.exists():
            raise InputError(f"{output} is there already: choose another name.")
        text = "\n".join(",".join(str(cell) for cell in row) for row in [HEADER, *rows])
        output.write_text(text + "\n", "utf-8")
    if json_:
        bars = [dict(zip(HEADER, row, strict=True)) for row in rows]
        print_json({"symbol": found.bars.symbol, "timeframe": str(found.bars.timeframe),
                    "source": found.bars.source, "counts": found.counts, "bars": bars})  # fmt: skip
        return
    last = "" if len(rows) <= SHOWN else f", the last {SHOWN} of {len(rows):,}"
    table(f"{found.bars.symbol} {found.bars.timeframe} from {found.bars.source}{last}",
          list(HEADER), [list(row) for row in rows[-SHOWN:]])  # fmt: skip
    print("; ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in found.counts.items()))


def _rows(bars: BarColumns) -> list[tuple[Any, ...]]:
    from tools.market_data.columns import moment_of

    return [
        (moment_of(start).isoformat().replace("+00:00", "Z"), *prices,
         moment_of(known).isoformat().replace("+00:00", "Z"))
        for start, known, *prices in zip(
            bars.start.tolist(), bars.known.tolist(), bars.open.tolist(), bars.high.tolist(),
            bars.low.tolist(), bars.close.tolist(), bars.volume.tolist(), strict=True,
        )
    ]  # fmt: skip
