"""How an error looks over HTTP: its type, its sentence, a status; never a traceback."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from tools.domain import errors
from tools.domain.errors import TradingError

logger = logging.getLogger(__name__)

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
STATUS: dict[type[TradingError], int] = {
    errors.InputError: 422,
    errors.DataUnavailable: 404,
    errors.StaleData: 409,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.BrokerRejected: 409,
    errors.OutcomeUnknown: 503,
    errors.ModelUnavailable: 502,
    errors.StateError: 503,
    errors.ConfigError: 500,
}


def told(error: Exception) -> dict[str, str]:
    """The body for an error."""
    return {"error": type(error).__name__, "message": str(error)}


async def _expected(_: Request, error: Exception) -> JSONResponse:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    return JSONResponse(told(error), status_code=status)


async def _malformed(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    rows = error.errors()
    said = "; ".join(f"{'.'.join(str(p) for p in r['loc'][1:])}: {r['msg']}" for r in rows)
    body = {"error": "InputError", "message": f"the request is not understood: {said}"}
    details = [{"loc": r["loc"], "msg": r["msg"]} for r in rows]
    return JSONResponse(body | {"details": jsonable_encoder(details)}, status_code=422)


async def _unexpected(_: Request, error: Exception) -> JSONResponse:
    logger.error("request failed", exc_info=error)
    body = {"error": "Unexpected", "message": "something went wrong; the log has the details"}
    return JSONResponse(body, status_code=500)


async def _nowhere(request: Request) -> JSONResponse:
    sentence = f"there is nothing at {request.method} {request.url.path[:200]}; see /docs"
    return JSONResponse(told(errors.NotFound(sentence)), status_code=404)


def install_not_found(app: FastAPI) -> None:
    """Answer what no route of the API is for, before the page does; call after the last route."""
    for under in ("/api", "/v1"):
        app.add_route(f"{under}/{{rest:path}}", _nowhere, METHODS, include_in_schema=False)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(TradingError, _expected)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _unexpected)
