"""The 61 candlestick patterns of TA-Lib, by plain names.

A value is 1 where a bullish pattern ends on the bar, -1 for a bearish one, 0 for none; 2 and -2
where TA-Lib says 200 (engulfing, harami and hikkake in their stricter forms). Bars have no bodies
or shadows of their own size: each is judged against the mean of the few bars before.
"""

from __future__ import annotations

from tools.indicators.ta.table import Ta, last, put

# TA-Lib's name, the first bar that can have a value, and the name here.
_PATTERNS = """
2CROWS             12 two_crows
3BLACKCROWS        13 three_black_crows
3INSIDE            12 three_inside
3LINESTRIKE         8 three_line_strike
3OUTSIDE            3 three_outside
3STARSINSOUTH      12 three_stars_in_the_south
3WHITESOLDIERS     12 three_white_soldiers
ABANDONEDBABY      12 abandoned_baby
ADVANCEBLOCK       12 advance_block
BELTHOLD           10 belt_hold
BREAKAWAY          14 breakaway
CLOSINGMARUBOZU    10 closing_marubozu
CONCEALBABYSWALL   13 concealing_baby_swallow
COUNTERATTACK      11 counterattack
DARKCLOUDCOVER     11 dark_cloud_cover
DOJI               10 doji
DOJISTAR           11 doji_star
DRAGONFLYDOJI      10 dragonfly_doji
ENGULFING           2 engulfing
EVENINGDOJISTAR    12 evening_doji_star
EVENINGSTAR        12 evening_star
GAPSIDESIDEWHITE    7 gap_side_by_side_white
GRAVESTONEDOJI     10 gravestone_doji
HAMMER             11 hammer
HANGINGMAN         11 hanging_man
HARAMI             11 harami
HARAMICROSS        11 harami_cross
HIGHWAVE           10 high_wave
HIKKAKE             5 hikkake
HIKKAKEMOD         10 hikkake_modified
HOMINGPIGEON       11 homing_pigeon
IDENTICAL3CROWS    12 identical_three_crows
INNECK             11 in_neck
INVERTEDHAMMER     11 inverted_hammer
KICKING            11 kicking
KICKINGBYLENGTH    11 kicking_by_length
LADDERBOTTOM       14 ladder_bottom
LONGLEGGEDDOJI     10 long_legged_doji
LONGLINE           10 long_line
MARUBOZU           10 marubozu
MATCHINGLOW         6 matching_low
MATHOLD            14 mat_hold
MORNINGDOJISTAR    12 morning_doji_star
MORNINGSTAR        12 morning_star
ONNECK             11 on_neck
PIERCING           11 piercing
RICKSHAWMAN        10 rickshaw_man
RISEFALL3METHODS   14 three_methods
SEPARATINGLINES    11 separating_lines
SHOOTINGSTAR       11 shooting_star
SHORTLINE          10 short_line
SPINNINGTOP        10 spinning_top
STALLEDPATTERN     12 stalled
STICKSANDWICH       7 stick_sandwich
TAKURI             10 takuri
TASUKIGAP           7 tasuki_gap
THRUSTING          11 thrusting
TRISTAR            12 tristar
UNIQUE3RIVER       12 unique_three_river
UPSIDEGAP2CROWS    12 upside_gap_two_crows
XSIDEGAP3METHODS    2 gap_three_methods
"""
_PENETRATION = {
    "abandoned_baby": 0.3, "dark_cloud_cover": 0.5, "evening_doji_star": 0.3, "evening_star": 0.3,
    "mat_hold": 0.5, "morning_doji_star": 0.3, "morning_star": 0.3,
}  # fmt: skip
_ARTICLES = {
    "doji": "patterns/doji", "doji_star": "patterns/doji", "dragonfly_doji": "patterns/doji",
    "gravestone_doji": "patterns/doji", "long_legged_doji": "patterns/doji",
    "engulfing": "patterns/engulfing-pattern", "hammer": "patterns/hammer",
    "inverted_hammer": "patterns/hammer", "hanging_man": "patterns/hammer",
}  # fmt: skip


def _row(function: str, first: int, name: str) -> Ta:
    deep = {"penetration": _PENETRATION[name]} if name in _PENETRATION else {}
    return Ta(
        f"candle_{name}", f"Candlestick: {name.replace('_', ' ')}", f"CDL{function}",
        "open high low close", f"candle_{name}",
        _ARTICLES.get(name, "patterns/candlestick-charts"),
        "S. Nison (1991), G. Morris (1992)", deep, "-2 to 2", blank=last(first), scale=100.0,
    )  # fmt: skip


ROWS = tuple(
    _row(function, int(first), name)
    for function, first, name in (line.split() for line in _PATTERNS.split("\n") if line)
)

put("candles", ROWS)
