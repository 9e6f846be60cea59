"""Stops that protect through real gaps: United States Oil in March 2020."""

import pytest

from tests.backtest.past import found_of_orders, written
from tests.backtest.pricefiles import ran, real

BODY = """
if context.bars('USO') == 3:
    context.order('USO', 1000)
if context.bars('USO') == 5:
    context.order('USO', -1000, {0}, time='gtc')
if context.bars('USO') == 30:
    context.order('USO', 10)"""


@pytest.mark.parametrize("stop", ["stop=8.0", "trail=1.9"])
def test_a_stop_that_does_its_job_through_a_gap_halts_nothing(
    stop, tmp_path, monkeypatch, capsys, strict_skip
):
    folder = tmp_path / "prices"
    folder.mkdir()
    real(folder, strict_skip, "us_equity_daily", "USO", span=("2020-02-25", "2020-04-20"))
    path = written(tmp_path, BODY.format(stop))
    run = ran(monkeypatch, capsys, folder, path, "-s", "USO")
    bought, stopped, again = run["fills"]
    # 8.73 at the close of Friday, 6.83 at the open of Monday, 9 March: sold there.
    assert (stopped["at"][:16], stopped["price"]) == ("2020-03-09T13:30", "6.82")
    assert (bought["side"], again["side"]) == ("buy", "buy")
    assert found_of_orders(run) == []
