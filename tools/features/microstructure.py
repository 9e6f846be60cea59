"""What trading costs and who pushes: from quotes, from trades, and from bars alone.

Columns such as ``quoted_spread`` are put beside the bars by ``flow.with_quotes`` and
``flow.with_trades``. Arrays are float64 of shape ``(n,)``, oldest first; NaN where a bar of the
window has none. Spreads guessed from bars (Roll, Corwin-Schultz, Abdi-Ranaldo) and Amihud's measure
are the indicators roll_spread, corwin_schultz, abdi_ranaldo and amihud.
"""

from __future__ import annotations

import numpy as np

from tools.features.registry import feature
from tools.features.windows import after, at, both, covariance, deviation, mean, moved, over, total
from tools.indicators.arrays import Floats, by_stretch, number_of, window_of
from tools.indicators.rolling import lagged
from tools.indicators.smoothing import log_returns

_TRADES = ("bought", "sold")
_QUOTES = ("book_flow", "book_depth")


@feature(
    "spread", "Quoted spread", family="microstructure", inputs=("quoted_spread",),
    outputs=("spread_{window}",), windows=(1, 20), unit="fraction of the middle",
    warm_up=after(-1), source="(ask - bid) / middle, weighted by how long each quote stood",
)  # fmt: skip
def spread(quoted_spread: Floats, window: int = 20) -> Floats:
    """Mean of the window's bars."""
    n = window_of(window)
    return by_stretch(lambda x: mean(x, n), quoted_spread)[0]


@feature(
    "paid_spread", "Effective spread", family="microstructure", inputs=("effective_spread",),
    outputs=("paid_spread_{window}",), windows=(1, 20), unit="fraction of the middle",
    warm_up=after(-1), source="2 |price - middle| / middle of each trade, weighted by its size",
)  # fmt: skip
def paid_spread(effective_spread: Floats, window: int = 20) -> Floats:
    """Mean of the window's bars."""
    n = window_of(window)
    return by_stretch(lambda x: mean(x, n), effective_spread)[0]


@feature(
    "book_imbalance", "Size on the bid against the ask", family="microstructure",
    inputs=("bid_share",), outputs=("book_imbalance",), unit="-1 ask to 1 bid", warm_up=at(0),
    source="(bid size - ask size) / (bid size + ask size), of the last quote",
)  # fmt: skip
def book_imbalance(bid_share: Floats) -> Floats:
    """Of the quote that stood when the bar was known."""
    return 2 * bid_share - 1


@feature(
    "order_flow", "Order-flow imbalance", family="microstructure", inputs=_QUOTES,
    outputs=("order_flow_{window}",), windows=(1, 5, 20), unit="depths at the best price",
    warm_up=after(-1), source="R. Cont, A. Kukanov and S. Stoikov (2014), over twice the depth",
)  # fmt: skip
def order_flow(book_flow: Floats, book_depth: Floats, window: int = 5) -> Floats:
    """Sum of what was added to the bid and taken from the ask, over twice the mean depth."""
    n = window_of(window)
    return by_stretch(lambda e, d: over(total(e, n), 2 * mean(d, n)), book_flow, book_depth)[0]


@feature(
    "trade_imbalance", "Trade imbalance", family="microstructure", inputs=_TRADES,
    outputs=("trade_imbalance_{window}",), windows=(1, 5, 20), unit="-1 sold to 1 bought",
    warm_up=after(-1), source="T. Chordia, R. Roll and A. Subrahmanyam (2002)",
)  # fmt: skip
def trade_imbalance(bought: Floats, sold: Floats, window: int = 5) -> Floats:
    """(bought - sold) / (bought + sold); NaN where nothing was traded."""
    n = window_of(window)
    return by_stretch(lambda b, s: over(total(b - s, n), total(b + s, n)), bought, sold)[0]


@feature(
    "kyle_lambda", "Kyle's lambda", family="microstructure", inputs=("close", *_TRADES),
    outputs=("kyle_lambda_{window}",), windows=(20, 60), unit="log return for a bar's volume",
    warm_up=after(), source="A. Kyle (1985): slope of returns on the net amount bought",
)  # fmt: skip
def kyle_lambda(close: Floats, bought: Floats, sold: Floats, window: int = 20) -> Floats:
    """The move that goes with buying as much as trades in a mean bar; NaN without net buying."""
    n = window_of(window, least=3)

    def one(c: Floats, b: Floats, s: Floats) -> Floats:
        moves, net = both(log_returns(c), b - s)
        usual = mean(b + s, n)
        amount = moved(deviation(net, n), usual)
        return covariance(moves, net, n) / amount**2 * usual

    return by_stretch(one, close, bought, sold)[0]


@feature(
    "bar_lambda", "Kyle's lambda from bars", family="microstructure", inputs=("close", "volume"),
    outputs=("bar_lambda_{window}",), windows=(20, 60), unit="log return for a bar's turnover",
    warm_up=after(), source="A. Kyle (1985), a bar's turnover signed by its return: a stand-in",
)  # fmt: skip
def bar_lambda(close: Floats, volume: Floats, window: int = 20) -> Floats:
    """Crude, since a bar's turnover is never all on one side; NaN where nothing is traded."""
    n = window_of(window, least=3)

    def one(c: Floats, v: Floats) -> Floats:
        moves = log_returns(c)
        moves, net = both(moves, np.sign(moves) * c * v)
        usual = mean(np.abs(net), n)
        amount = moved(deviation(net, n), usual)
        return covariance(moves, net, n) / amount**2 * usual

    return by_stretch(one, close, volume)[0]


@feature(
    "vpin", "VPIN", family="microstructure", inputs=("close", "volume"), outputs=("vpin",),
    params={"buckets": 50, "window": 50, "size": 1.0}, unit="0 to 1", warm_up=None,
    source="D. Easley, M. López de Prado and M. O'Hara (2012), bulk classification",
)  # fmt: skip
def vpin(
    close: Floats, volume: Floats, buckets: int = 50, window: int = 50, size: float = 1.0
) -> Floats:
    """Mean imbalance of the last ``buckets`` buckets of equal turnover.

    A bucket holds ``size`` times the mean turnover of the ``window`` bars before it was opened. The
    share that was bought is the normal distribution of the bar's log return over the deviation of
    the window's. The value of a bar knows the buckets that were full by then.
    """
    from tools.features.toxicity import vpin as filled

    count, n = window_of(buckets, "buckets"), window_of(window, least=2)
    part = number_of(size, "size", 0.01, 1000)
    return by_stretch(lambda c, v: filled(log_returns(c), c * v, count, n, part), close, volume)[0]


@feature(
    "spread_change", "Spread over its mean", family="microstructure", inputs=("quoted_spread",),
    outputs=("spread_change_{window}",), windows=(20,), unit="ratio", warm_up=after(),
    source="the bar's quoted spread over the mean of the bars before",
)  # fmt: skip
def spread_change(quoted_spread: Floats, window: int = 20) -> Floats:
    """Above one when quotes widen."""
    n = window_of(window)
    return by_stretch(lambda x: over(x, lagged(mean(x, n), 1)), quoted_spread)[0]
