"""The open floor, for routes that ask for it, and the shape of every request body."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict

from app.composition import Floor


class Body(BaseModel):
    """A request body: frozen, and unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _floor(request: Request) -> Floor:
    floor: Floor = request.app.state.floor
    return floor


OnFloor = Annotated[Floor, Depends(_floor)]
AsOfQuery = Annotated[
    str | None, Query(max_length=40, description="a date; nothing known later is seen")
]
