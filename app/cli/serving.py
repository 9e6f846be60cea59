"""``tollgate serve`` (the page and the HTTP service) and ``tollgate mcp`` (stdio)."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from app.cli.output import LiveFlag
from app.cli.replaying import End, Record, Speed, Start, day_of
from tools.domain.errors import InputError


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on", min=1, max=65535)] = None,
    live: LiveFlag = False,
    replay: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="play a recording, or the daily bars of symbols (IBM,MSFT or sample), as if live",
        ),
    ] = None,
    speed: Speed = None,
    start: Start = None,
    end: End = None,
    record: Record = None,
) -> None:
    """Start the desk: the page, the HTTP API and MCP over HTTP.

    With a replay the desk has a state folder and a paper account of its own. Its clock is the
    replay's, and orders fill at the replay's prices: by the session over daily bars, by each trade
    and quote over a recorded day.
    """
    from app.server import run_server
    from tools.settings import load_settings

    settings = load_settings()
    port = port if port is not None else settings.port
    if replay is None:
        if speed or start or end:
            raise InputError("--speed, --from and --to belong to --replay: say what to replay.")
        run_server(settings, host or settings.host, port, live=live, record=record)
        return
    if live:
        raise InputError("A replay trades no real money: leave out --live, or --replay.")
    from app.live import Playing, replay_settings
    from tools.assembly import build_market, open_state
    from tools.streaming.played import Played
    from tools.streaming.playing import opened

    open_state(settings)
    what = [replay] if Path(replay).expanduser().exists() else replay.split(",")
    found, daily = opened(what, speed, build_market(settings), start=day_of(start), end=day_of(end))
    settings = replay_settings(settings)
    print(f"REPLAY at {found.pace}; this desk's state is in {settings.state}", flush=True)
    played = None if daily else Played(found.recording)
    playing = Playing(found, moves_clock=True, played=played)
    run_server(settings, host or settings.host, port, playing=playing, record=record)


def mcp(live: LiveFlag = False) -> None:
    """Serve the tools to an IDE on standard input and output (Model Context Protocol)."""
    from app.knowledge import open_index
    from mcp_server.stdio import run_stdio
    from tools.assembly import assemble, need_live
    from tools.settings import load_settings

    settings = load_settings()
    need_live(settings, live=live)
    house = assemble(settings, live=live)
    # What was imported stays; from here on the process may live for days.
    gc.freeze()
    gc.enable()
    run_stdio(house, open_index(house.knowledge_folder))
