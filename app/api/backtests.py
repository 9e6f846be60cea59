"""Kept backtests over HTTP: a row for each, its document, and its page, which runs nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from app.api.floor import OnFloor
from app.composition import Floor
from tools.backtest.keeping import Runs
from tools.backtest.shelf import Shelf
from tools.domain.errors import StateError

JSON = "application/json"
router = APIRouter(prefix="/api/v1/backtests", tags=["backtests"])
pages = APIRouter(prefix="/backtests", include_in_schema=False)
RunId = Annotated[str, Path(max_length=40, description="an id, or the start of it")]


@router.get("")
async def backtests(request: Request, floor: OnFloor) -> dict[str, Any]:
    """Everything kept, the newest first, with its figures and where its page opens."""
    rows = await asyncio.to_thread(shelf_of(request, floor).rows)
    return {"backtests": [row | {"page": f"/backtests/{row['id']}"} for row in rows]}


@router.get("/{run_id}", response_class=JSONResponse, response_model=dict[str, Any])
async def backtest(run_id: RunId, floor: OnFloor) -> Response:
    """One kept document, whole."""
    return Response(await asyncio.to_thread(_text, _runs(floor), run_id), media_type=JSON)


@pages.get("")
async def index(request: Request, floor: OnFloor) -> HTMLResponse:
    """Everything kept, as a page."""
    from tools.backtest.report.index_page import index_page

    rows = await asyncio.to_thread(shelf_of(request, floor).rows)
    return _inert(index_page(rows))


@pages.get("/{run_id}")
async def page(run_id: RunId, request: Request, floor: OnFloor) -> HTMLResponse:
    """The report: the same file that `tollgate backtest report` writes."""
    shelf, runs = shelf_of(request, floor), _runs(floor)
    return _inert(await asyncio.to_thread(_drawn, run_id, runs, shelf))


def shelf_of(request: Request, floor: Floor) -> Shelf:
    """One for all requests, so that a file is read once."""
    state = request.app.state
    if getattr(state, "shelf", None) is None:
        state.shelf = Shelf(floor.house.settings.state / "backtests")
    shelf: Shelf = state.shelf
    return shelf


def _text(runs: Runs, run_id: str) -> str:
    """As ASCII, which carries whatever somebody wrote into the file."""
    try:
        return json.dumps(runs.get(run_id), allow_nan=False)
    except ValueError:
        raise StateError(f"run {run_id} holds what is no number. Run it again") from None


def _drawn(run_id: str, runs: Runs, shelf: Shelf) -> str:
    from tools.backtest.report import page as drawn
    from tools.backtest.tries import judged

    document = judged(runs, runs.get(run_id))
    return drawn(document, shelf.lots_of(str(document.get("id"))))


def _runs(floor: Floor) -> Runs:
    return Runs(floor.house.settings.state / "backtests")


def _inert(html: str) -> HTMLResponse:
    """Whatever is in it, nothing of it runs, loads, sends or is framed."""
    from tools.backtest.report.frame import policy

    guarded = f"{policy()}; frame-ancestors 'none'; sandbox allow-popups"
    return HTMLResponse(html, headers={"Content-Security-Policy": guarded})
