"""What `tollgate serve --replay` hands to the server: a desk of its own, at the replay's time."""

import pytest

from app import server
from app.cli.main import run
from tools.assembly import assemble
from tools.catalog.prices import PriceTools

TRADES = """symbol,timestamp,price,size
IBM,2012-06-04T13:30:01Z,190.00,500
IBM,2012-06-04T13:30:02Z,190.25,500
IBM,2012-06-04T13:31:03Z,189.50,500
"""


@pytest.fixture
def served(monkeypatch):
    """What the server would be given."""
    seen = {}

    def take(settings, host, port, **more):
        seen.update(settings=settings, **more)

    monkeypatch.setattr(server, "run_server", take)
    return seen


def test_over_a_recorded_day_the_desk_has_the_tapes_time_and_prices(served, tmp_path, monkeypatch):
    (tmp_path / "day.csv").write_text(TRADES)
    monkeypatch.setenv("TOLLGATE_BUS_NAME", "research")
    assert run(["serve", "--replay", str(tmp_path / "day.csv"), "--speed", "1"]) == 0
    playing, settings = served["playing"], served["settings"]
    assert settings.home.parent.name == "replays"
    assert settings.bus_name == "research-replay"
    house = assemble(settings, now=playing.now, played=playing.played)
    seen = PriceTools(house.market, house.clock).get_quote("IBM")
    assert (seen["last_close"], seen["simulated_quote"]) == ("190", True)
    said = "simulated from the price at 2012-06-04 13:30:01 UTC (replay)"
    assert seen["quote_source"] == said


def test_over_daily_bars_orders_meet_the_sessions(served):
    assert run(["serve", "--replay", "IBM", "--from", "2012-06-01"]) == 0
    playing = served["playing"]
    assert playing.played is None
    assert playing.now() == playing.replay.recording.row(0).known_at
