"""``/api/v1/replay``: how the replay stands, and its pause, steps and speed."""

from __future__ import annotations

import math
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.live import Live
from tools.domain.errors import NotFound
from tools.streaming.pace import pace_of
from tools.streaming.replay import Replay

router = APIRouter(prefix="/api/v1", tags=["market"])


class ReplayWish(BaseModel):
    """What to do: ``step`` plays ``count`` rows and stands still, ``pace`` changes ``speed``."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["pause", "resume", "step", "pace"]
    count: int = Field(default=1, ge=1, le=100_000)
    speed: str = Field(default="", max_length=20, description="such as 60 or fast")


@router.get("/replay")
def replay(request: Request) -> dict[str, Any]:
    """How far it has come. 404 where the desk isn't served over a replay."""
    return _told(_replay(request))


@router.post("/replay")
def steer(request: Request, wish: ReplayWish) -> dict[str, Any]:
    """Pause it, let it go on, play some rows, or change its speed."""
    found = _replay(request)
    if wish.action == "pause":
        found.pause()
    elif wish.action == "resume":
        found.resume()
    elif wish.action == "step":
        found.step(wish.count)
    else:
        found.set_pace(pace_of(wish.speed, daily=found.pace.steps))
    return _told(found)


def _replay(request: Request) -> Replay:
    live: Live = request.app.state.live
    if live.playing is None:
        raise NotFound("This desk isn't served over a replay: start it with --replay.")
    return live.playing.replay


def _told(found: Replay) -> dict[str, Any]:
    speed = found.pace.speed
    return {
        "state": found.state,
        "moment": found.moment.isoformat(),
        "played": found.played,
        "rows": len(found.recording),
        "left_out": found.recording.left_out,
        "symbols": list(found.recording.symbols),
        "pace": str(found.pace),
        "speed": None if math.isinf(speed) else speed,
    }
