"""Holds what is sent and answered against Alpaca's documents of its APIs.

They are the published ones (OpenAPI; trading 2.0.1, and that of the prices), read from beside the
checkout. An activity is
``anyOf`` two shapes here where the published one has ``oneOf``: no field tells them apart, so every
activity would be wrong. Where the document is missing nothing is held against it; the tests that
are about it skip then, and fail where no test may skip.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

SPECS = Path(__file__).parents[4] / "shared" / "specs"
DOCUMENT = SPECS / "alpaca-trading-api.json"
PRICES = SPECS / "alpaca-market-data-api.json"
OF_PRICES = ("/v2/stocks", "/v1/", "/v1beta1/", "/v1beta3/")
EMPTY = {"paths": {}, "components": {}}


@cache
def published(path=""):
    """The document that has ``path``, but for activities; None where it is missing."""
    if path.startswith(OF_PRICES):
        return json.loads(PRICES.read_text(encoding="utf-8")) if PRICES.exists() else None
    if not DOCUMENT.exists():
        return None
    whole = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for told in ("/v2/account/activities", "/v2/account/activities/{activity_type}"):
        answer = whole["paths"][told]["get"]["responses"]["200"]["content"]["application/json"]
        items = answer["schema"]["items"]
        if "oneOf" in items:
            items["anyOf"] = items.pop("oneOf")
    return whole


def document(path=""):
    """The document with OpenAPI's ``nullable`` written the way JSON schema has it."""
    return _document(path.startswith(OF_PRICES))


@cache
def _document(prices):
    return _plain(published(OF_PRICES[0] if prices else "") or EMPTY)


def _resolved(part, path):
    """What a reference into the document stands for; anything else as it is."""
    while "$ref" in part:
        kind, name = part["$ref"].rsplit("/", 2)[1:]
        part = document(path)["components"][kind][name]
    return part


def _plain(part):
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, dict):
        return part
    new = {name: _plain(value) for name, value in part.items()}
    if new.pop("nullable", False) is True and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
    return new


@cache
def _operation(method, path):
    """The operation of a path such as /v2/orders/…, with the path's own parameters."""
    for shape, item in sorted(document(path)["paths"].items(), key=lambda pair: "{" in pair[0]):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", shape), path) and method.lower() in item:
            found = item[method.lower()]
            named = item.get("parameters", []) + found.get("parameters", [])
            return found | {"parameters": [_resolved(one, path) for one in named]}
    return None


@cache
def _schema(method, path, status=None):
    """The validator of a request's body, or of an answer's; None where there is none."""
    operation = _operation(method, path) or {}
    if status is None:
        part = operation.get("requestBody")
    else:
        part = operation.get("responses", {}).get(str(status))
    if not part or "content" not in part:
        return None
    schema = part["content"]["application/json"]["schema"]
    return Draft202012Validator({"allOf": [schema], "components": document(path)["components"]})


def wrong_request(method, path, query, body):
    """What a request says that the document doesn't allow, as sentences."""
    operation = _operation(method, path)
    if published(path) is None:
        return []
    if operation is None:
        return [f"there is no {method} {path}"]
    known = {one["name"]: _resolved(one.get("schema", {}), path) for one in operation["parameters"]}
    said = [f"{method} {path} has no parameter {name}" for name in query if name not in known]
    for name, value in query.items():
        allowed = known.get(name, {}).get("enum")
        if allowed and value not in allowed:
            said.append(f"{name} can't be {value}")
    validator = _schema(method, path)
    if validator is not None:
        told = validator.iter_errors(body)
        said += [f"{error.json_path}: {error.message}" for error in told]
        named = _resolved(validator.schema["allOf"][0], path).get("properties", {})
        said += [f"the body has no {name}" for name in body or {} if name not in named]
    return said


def wrong_answer(method, path, status, body):
    """What a good answer of the double says that the document doesn't allow."""
    validator = _schema(method, path, status)
    told = [] if validator is None else validator.iter_errors(body)
    return [f"{error.json_path}: {error.message}" for error in told]
