"""Features in the terminal and over HTTP: by name, as of a date, from files of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.api import errors, features
from app.cli import run
from tests.features.made import minutes
from tools.assembly import assemble
from tools.catalog import build_catalog
from tools.features.store import FeatureStore
from tools.market_data.columns import moment_of
from tools.settings import load_settings


def told(capsys, *arguments, status=0):
    assert run([*arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_every_feature_is_listed_with_its_family_and_source(capsys):
    rows = told(capsys, "features", "list")["features"]
    assert {"log_move", "wavelet_energy", "vpin", "beta", "holiday"} <= {r["name"] for r in rows}
    assert all(row["source"] and row["unit"] for row in rows)
    only = told(capsys, "features", "list", "--family", "fractal")["features"]
    assert {row["family"] for row in only} == {"fractal"}


def test_a_feature_and_an_indicator_are_shown(capsys):
    shown = told(capsys, "features", "show", "spectrum")
    assert shown["params"] == {"window": 64}
    assert shown["bars_before_the_first_value"] == 64
    assert told(capsys, "features", "show", "rsi")["family"] == "momentum"


def test_values_are_of_the_last_bars_and_the_same_asked_as_of_then(capsys):
    names = ("log_move_5", "rsi_14@1w", "wavelet_energy", "beta_60")
    late = told(capsys, "features", "compute", "IBM", *names, "--market", "AAPL", "--last", "1000")
    at = late["known_at"][500]
    then = told(
        capsys,
        "features",
        "compute",
        "IBM",
        *names,
        "--market",
        "AAPL",
        "--last",
        "1",
        "--as-of",
        at,
    )
    assert then["known_at"] == [at]
    for name, values in then["values"].items():
        assert values == [late["values"][name][500]], name
    assert late["origins"] == ["market: AAPL 1d from sample"]


def test_the_standard_set_is_there_with_its_version(capsys):
    one, two = (told(capsys, "features", "compute", "IBM") for _ in range(2))
    assert one == two
    assert len(one["version"]) == 16
    assert not one["unavailable"]
    assert all(values[-1] is not None for values in one["values"].values())


def test_what_is_unavailable_says_why_for_people_too(capsys):
    assert run(["features", "compute", "IBM", "news_tone_5", "log_move_1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "Unavailable: news_tone_5, because" in out
    assert "tollgate knowledge fetch" in out
    assert "log_move_1" in out


def test_a_parameter_may_be_set(capsys):
    found = told(
        capsys, "features", "compute", "IBM", "spectrum", "--set", "spectrum.window=128"
    )  # fmt: skip
    usual = told(capsys, "features", "compute", "IBM", "spectrum")
    assert found["version"] != usual["version"]


def test_weeks_and_months_are_made_of_days(capsys):
    for frame in ("1w", "1mo"):
        found = told(capsys, "features", "compute", "IBM", "log_move_1", "--timeframe", frame)
        assert found["timeframe"] == frame
        assert found["values"]["log_move_1"][-1] is not None


def test_importance_says_its_method_chance_and_course(capsys):
    found = told(capsys, "features", "importance", "IBM", "log_move_5", "volatility_20")
    assert "known at each moment" in found["method"]
    first = found["features"][0]
    assert first["pairs"] == 504
    assert len(first["over_time"]) == len(found["known_at"])
    assert run(["features", "importance", "IBM", "log_move_5"]) == 0
    assert "by chance" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["compute", "IBM", "lgo_move"], 2, "Did you mean"),
        (["compute", "IBMM"], 3, "IBM"),
        (["compute", "IBM", "gap", "--as-of", "2050-01-01"], 2, "clock"),
        (["compute", "IBM", "gap", "--as-of", "1990-01-01"], 3, "no prices"),
        (["compute", "IBM", "gap", "--timeframe", "7x"], 2, "timeframe"),
        (["compute", "IBM", "gap", "--set", "gap"], 2, "--set"),
        (["compute", "IBM", "gap", "--set", "gap.window=9"], 2, "no parameter"),
        (["compute", "IBM", "gap@1m"], 2, "can't be made"),
        (["compute", "IBM", "obv"], 2, "split"),
        (["list", "--family", "magic"], 2, "wavelet"),
        (["show", "magic"], 2, "no feature"),
        (["importance", "IBM", "gap", "--as-of", "2000-04-01"], 3, "more than"),
    ],
)
def test_bad_input_is_a_sentence(capsys, arguments, status, said):
    assert run(["features", *arguments]) == status
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Daily bars, minutes, trades and quotes of X in a folder of the person's own."""
    made = minutes(3)
    times = [moment_of(int(start)).isoformat() for start in made.start]
    rows = zip(times, made.open, made.high, made.low, made.close, made.volume, strict=True)
    (tmp_path / "X_1m.csv").write_text(
        "time,open,high,low,close,volume\n"
        + "".join(f"{t},{o:.2f},{h:.2f},{lo:.2f},{c:.2f},{v:.0f}\n" for t, o, h, lo, c, v in rows)
    )
    (tmp_path / "X.trades.csv").write_text(
        "time,price,size\n"
        + "".join(
            f"{t},{c:.2f},{100 + i % 7}\n"
            for i, (t, c) in enumerate(zip(times, made.close, strict=True))
        )
    )
    (tmp_path / "X.quotes.csv").write_text(
        "time,bid,ask,bid_size,ask_size\n"
        + "".join(
            f"{t},{c - 0.01:.2f},{c + 0.01:.2f},{100 + i % 9},{100 + i % 5}\n"
            for i, (t, c) in enumerate(zip(times, made.close, strict=True))
        )
    )
    (tmp_path / "X.csv").write_text(
        "date,open,high,low,close,volume\n"
        "2015-01-05,100,101,99,100,1000\n2015-01-06,100,101,99,100,1000\n"
        "2015-01-07,100,101,99,100,1000\n"
    )
    monkeypatch.setenv("TOLLGATE_FEED", "files")
    monkeypatch.setenv("TOLLGATE_DATA", str(tmp_path))


def test_minutes_quotes_and_trades_of_ones_own_make_microstructure(files, capsys):
    names = ("spread_1", "order_flow_5", "trade_imbalance_20", "kyle_lambda_20", "log_move_1@1h")
    found = told(capsys, "features", "compute", "X", *names, "--timeframe", "5m", "--last", "30")
    assert not found["unavailable"]
    assert len(found["origins"]) == 2
    for name in names:
        assert sum(value is not None for value in found["values"][name]) > 20, name
    close = 100
    assert 0 < found["values"]["spread_1"][-1] < 0.1 / close


def test_over_http_it_is_the_same(capsys):
    app = FastAPI()
    app.include_router(features.router)
    errors.install(app)
    app.state.floor = SimpleNamespace(house=assemble(load_settings()))
    with TestClient(app) as http:
        got = http.get("/api/v1/features/IBM", params={"names": ["gap", "rsi_7"], "last": 2}).json()
        assert got == told(capsys, "features", "compute", "IBM", "gap", "rsi_7", "--last", "2")
        assert len(http.get("/api/v1/features").json()["features"]) > 50
        wrong = http.get("/api/v1/features/IBM", params={"names": "magic"})
        assert wrong.status_code == 422
        ranked = http.get("/api/v1/features/IBM/importance", params={"names": "gap"}).json()
        assert ranked["features"][0]["name"] == "gap"


def test_the_tool_of_the_catalogue_keeps_what_it_computed(tmp_path):
    house = assemble(load_settings())
    rows = build_catalog(
        market=house.market, clock=house.clock, desk=house.desk, principal="test",
        features=FeatureStore(tmp_path / "kept"),
    )  # fmt: skip
    tool = next(row for row in rows if row.name == "compute_features")
    one, two = tool.call("IBM", "2012-06-01", ["gap"]), tool.call("IBM", "2012-06-01", ["gap"])
    assert one == two
    assert one["known_at"].startswith("2012-06-01")
    assert len(list(Path(tmp_path).rglob("*.parquet"))) == 1
