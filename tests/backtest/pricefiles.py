"""Folders of price files for tests: made by hand, or cut from the folder of shared data."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path

from app.cli import run as command

DATA = Path(__file__).parents[3] / "shared" / "data"
HEADER = ("timestamp", "open", "high", "low", "close", "volume")


def minutes(folder: Path, start: str, closes, *, symbol="IBM", volume=50_000):
    """One-minute bars from ``start`` (UTC) on: each opens at the last close."""
    path, at, before = folder / f"{symbol}_1m.csv", datetime.fromisoformat(start), closes[0]
    new = not path.exists()
    with path.open("a", newline="") as out:
        writer = csv.writer(out)
        if new:
            writer.writerow(HEADER)
        for close in closes:
            high, low = max(before, close) + 0.02, min(before, close) - 0.02
            row = (before, round(high, 2), round(low, 2), close, volume)
            writer.writerow((f"{at:%Y-%m-%dT%H:%M:%SZ}", *row))
            at, before = at + timedelta(minutes=1), close


def days(folder: Path, bars, symbol="IBM", dividends=None):
    """Daily bars as a file, with a column of dividends where there are any."""
    more = () if dividends is None else ("dividends",)
    with (folder / f"{symbol}.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("date", *HEADER[1:], "adj_close", *more))
        for bar in bars:
            paid = () if dividends is None else (dividends.get(bar.session, 0),)
            prices = (bar.open, bar.high, bar.low, bar.close, bar.volume, bar.adjusted_close)
            writer.writerow((bar.session, *prices, *paid))


def real(folder: Path, strict_skip, source: str, symbol: str, ending="", span=("", "~")):
    """Rows of the shared data of one symbol whose time is within ``span``, as a file."""
    path = DATA / f"{source}.csv.gz"
    if not path.exists():
        strict_skip(f"{path.name} is not beside the checkout")
    name = folder / f"{symbol.replace('/', '-')}{ending}.csv"
    with gzip.open(path, "rt", newline="") as file, name.open("w", newline="") as out:
        header, *lines = csv.reader(file)
        kept = [one[1:] for one in lines if one[0] == symbol and span[0] <= one[1] < span[1]]
        csv.writer(out).writerows([header[1:], *kept])


def ran(monkeypatch, capsys, folder: Path, *args):
    """What ``tollgate backtest run`` prints as JSON, on the files of a folder."""
    monkeypatch.setenv("TOLLGATE_DATA", str(folder))
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    status = command(["backtest", "run", *map(str, args), "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    return json.loads(said.out)
