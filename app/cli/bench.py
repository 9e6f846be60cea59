"""``tollgate bench``: measure this machine and print the figures."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.output import JsonFlag, print_json, table

if TYPE_CHECKING:
    from evals.spine import Figure


def bench(json_: JsonFlag = False) -> None:
    """Measure starts, cold and warm questions on this machine, with the sample feed."""
    from app.knowledge import open_index
    from tools.assembly import open_state
    from tools.settings import load_settings

    home = open_state(load_settings())
    open_index(home / "knowledge")
    with tempfile.TemporaryDirectory(prefix="tollgate-bench-") as scratch:
        # A desk of its own: a measurement leaves nothing in your ledger.
        shutil.copytree(home / "knowledge", Path(scratch) / "knowledge")
        figures = _measure(Path(scratch))
    if json_:
        print_json({"figures": [_plain(row) for row in figures]})
        return
    rows = [
        [f.what, f"{f.median_s:.3f}", f"{f.worst_s:.3f}", f.runs, f"{f.goal_s:.1f}"]
        for f in figures
    ]
    table("Seconds on this machine", ["what", "median", "worst", "runs", "goal"], rows)


def _measure(home: Path) -> tuple[Figure, ...]:
    from evals.spine import starts
    from tools.settings import environment_for

    return starts(environment_for(home)) + asyncio.run(_warm(home))


async def _warm(home: Path) -> tuple[Figure, ...]:
    from app.composition import open_floor
    from evals.spine import warm
    from tools.settings import FeedChoice, Settings

    settings = Settings(home=home, feed=FeedChoice.SAMPLE)
    async with open_floor(settings) as floor:
        return await warm(floor.conversation.ask)


def _plain(figure: Figure) -> dict[str, object]:
    return {name: getattr(figure, name) for name in figure.__dataclass_fields__}
