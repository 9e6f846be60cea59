"""``tollgate replay``: a recording or daily bars played in the terminal and over the bus."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.output import JsonFlag, print_json, table
from app.visible import visible
from tools.domain.errors import InputError

if TYPE_CHECKING:
    from tools.settings import Settings
    from tools.streaming.replay import Replay

Speed = Annotated[
    str | None,
    typer.Option(
        help="60 plays an hour in a minute (of daily bars: sessions a second); fast is as fast as "
        "possible. Usual: 60, and 2 sessions a second."
    ),
]
Start = Annotated[str | None, typer.Option("--from", help="the first day, such as 2012-06-01")]
End = Annotated[str | None, typer.Option("--to", help="the last day")]

Record = Annotated[
    Path | None, typer.Option(help="write what moves to this folder, to be replayed")
]


def day_of(text: str | None) -> date | None:
    """The date; InputError for anything else."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{str(text)[:20]!r} is no date: write it as 2012-06-01.") from None


def replay(
    what: Annotated[
        list[str],
        typer.Argument(help="a recording (file or folder), or symbols, or sample for all of them"),
    ],
    speed: Speed = None,
    start: Start = None,
    end: End = None,
    step: Annotated[bool, typer.Option(help="play one row at each press of Enter")] = False,
    record: Record = None,
    json_: JsonFlag = False,
) -> None:
    """Play recorded prices as if they came now; TOLLGATE_BUS takes them to other processes."""
    from tools.assembly import build_market, open_state
    from tools.settings import load_settings
    from tools.streaming.playing import opened

    settings = load_settings()
    open_state(settings)
    found, _ = opened(
        what,
        speed,
        build_market(settings),
        start=day_of(start),
        end=day_of(end),
        paused=True,
    )
    told = asyncio.run(_play(settings, found, record, step=step, shown=not json_))
    if json_:
        print_json(told)
        return
    table(
        f"REPLAY of {told['played']} rows ({found.recording.left_out} more were no prices)",
        ["symbol", "updates", "last price"],
        [[name, row["updates"], row["price"]] for name, row in told["symbols"].items()],
    )
    left_out = [f"{v} {k}" for k, v in told["counts"].items() if v and k != "heard"]
    if left_out:
        print(f"Not shown: {', '.join(left_out)}.")


async def _play(
    settings: Settings, found: Replay, record: Path | None, *, step: bool, shown: bool
) -> dict[str, Any]:
    import json

    from app.live import Playing, streaming
    from tools.clock import SystemClock

    names = found.recording.symbols
    symbols: dict[str, dict[str, Any]] = {
        name: {"updates": 0, "price": None, "features": None} for name in names
    }
    plain: dict[str, str] = {}  # of each symbol, the timeframe whose features go without a name
    playing = Playing(found, moves_clock=False)
    async with streaming(settings, SystemClock(), playing, record) as live:
        chain = live.chain
        assert chain is not None
        watcher = live.hub.join()
        live.hub.watch(watcher, names)
        pressing = asyncio.create_task(_press(found)) if step else None
        if not step:
            found.resume()
        while True:
            over = found.state == "ended" and chain.idle
            texts = await watcher.box.take(0.3)
            for text in texts:
                update = json.loads(text)
                row = symbols[update["symbol"]]
                row["updates"] += 1
                if update["type"] == "features":
                    frame = plain.setdefault(update["symbol"], update["timeframe"])
                    more = "" if update["timeframe"] == frame else f"@{update['timeframe']}"
                    values = {f"{name}{more}": one for name, one in update["values"].items()}
                    row["features"] = {**(row["features"] or {}), **values}
                elif update["type"] == "price":
                    row["price"] = update["price"]
                    if shown:
                        print(
                            visible(f"replay  {update['at']}  {update['symbol']}  {row['price']}")
                        )
            if over and not texts:
                break
        if pressing is not None:
            pressing.cancel()
        counts = chain.status()["counts"]
    return {"label": "replay", "played": found.played, "symbols": symbols, "counts": counts}


async def _press(found: Replay) -> None:
    """A row for each line; the rest at once when standard input ends."""
    print("Enter plays the next row; Ctrl-D plays the rest.", file=sys.stderr)
    while await asyncio.to_thread(sys.stdin.readline):
        found.step()
    found.resume()
